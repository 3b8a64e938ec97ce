package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.mesh.MeshDocument.Callers;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Access;
import io.zenmesh.xds.model.Cidr;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.RateLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Reads {@code client}, {@code limits} and {@code allowFrom} of an endpoint. */
final class CallersReader {
  private static final String MTLS = "none, optional or required";
  private static final String TLS = "required; there is no plaintext listener";
  private static final String SPIFFE_ID = "spiffe://domain/path";
  private static final String SAN = "a DNS name in lower case, no wildcard";
  private static final String NETWORK =
      "ADDRESS/PREFIX with zeroes behind the prefix, such as 192.0.2.0/24 or 2001:db8::/32; IPv4"
          + " not as ::ffff:";

  private CallersReader() {}

  static Callers read(Fields spec) {
    Optional<Fields> client = spec.optionalMapping("client");
    Mtls mtls = client.map(CallersReader::mtls).orElse(Mtls.NONE);
    Optional<Located<Name>> ca = client.flatMap(it -> it.optionalName("caRef"));
    List<Located<SpiffeId>> spiffeIds =
        client
            .map(it ->
                parsed(it, "spiffeIds", ClientRequirement.MAX_NAMES, SPIFFE_ID, CallersReader::id))
            .orElse(List.of());
    List<Located<String>> sans =
        client
            .map(it -> parsed(it, "sans", ClientRequirement.MAX_NAMES, SAN, CallersReader::san))
            .orElse(List.of());
    client.ifPresent(it -> checkParts(it, mtls));
    Optional<RateLimit> limit = spec.optionalMapping("limits").flatMap(CallersReader::limit);
    List<Cidr> networks =
        parsed(spec, "allowFrom", Access.MAX_NETWORKS, NETWORK, Cidr::parse).stream()
            .map(Located::value)
            .toList();
    int line = client.map(Fields::line).orElse(spec.line());
    return new Callers(line, mtls, ca, spiffeIds, sans, limit, networks);
  }

  private static Mtls mtls(Fields client) {
    client
        .optionalText("tls", TLS)
        .filter(it -> !it.value().equals("required"))
        .ifPresent(it -> client.refuse(it.line(), "tls", Problems.shown(it.value()), TLS));
    Optional<Located<String>> word = client.optionalText("mtls", MTLS);
    for (Mtls each : Mtls.values()) {
      if (word.filter(it -> it.value().equals(word(each))).isPresent()) {
        return each;
      }
    }
    word.ifPresent(it -> client.refuse(it.line(), "mtls", Problems.shown(it.value()), MTLS));
    return Mtls.NONE;
  }

  static String word(Mtls mtls) {
    return mtls.name().toLowerCase(Locale.ROOT);
  }

  private static void checkParts(Fields client, Mtls mtls) {
    if (mtls != Mtls.NONE && !client.has("caRef")) {
      client.refuse(client.line(), "caRef", "missing", "given where mtls is " + word(mtls));
    }
    for (String key : List.of("caRef", "spiffeIds", "sans")) {
      if (mtls == Mtls.NONE && client.has(key)) {
        client.refuse(client.memberLine(key), key, "given", "absent where mtls is none");
      }
    }
    client.end();
  }

  private static Optional<RateLimit> limit(Fields limits) {
    Optional<Located<Integer>> perSecond =
        limits.optionalInteger("requestsPerSecond", 1, RateLimit.MAX);
    Optional<Located<Integer>> perMinute =
        limits.optionalInteger("requestsPerMinute", 1, RateLimit.MAX);
    Optional<Located<Integer>> burst = limits.optionalInteger("burst", 1, RateLimit.MAX);
    if (limits.has("requestsPerSecond") == limits.has("requestsPerMinute")) {
      limits.refuse(
          limits.line(),
          "requestsPerSecond",
          limits.has("requestsPerSecond") ? "beside requestsPerMinute" : "missing",
          "one of requestsPerSecond, requestsPerMinute");
    }
    limits.end();
    return perSecond
        .map(it -> limit(it, RateLimit.Per.SECOND, burst))
        .or(() -> perMinute.map(it -> limit(it, RateLimit.Per.MINUTE, burst)));
  }

  private static RateLimit limit(
      Located<Integer> requests, RateLimit.Per per, Optional<Located<Integer>> burst) {
    return new RateLimit(requests.value(), per, burst.orElse(requests).value());
  }

  private static <T> List<Located<T>> parsed(
      Fields fields, String key, int most, String expected, Function<String, Optional<T>> parser) {
    List<Located<T>> found = new ArrayList<>();
    for (Located<String> text : fields.texts(key, most, expected)) {
      Optional<T> value = parser.apply(text.value());
      DocumentReader.fits(fields, key, text, value.isPresent(), expected);
      value.ifPresent(it -> found.add(new Located<>(text.line(), it)));
    }
    return found;
  }

  private static Optional<SpiffeId> id(String text) {
    return SpiffeId.parse(text).filter(id -> !id.path().isEmpty());
  }

  private static Optional<String> san(String text) {
    return ClientRequirement.isDnsName(text) ? Optional.of(text) : Optional.empty();
  }
}
