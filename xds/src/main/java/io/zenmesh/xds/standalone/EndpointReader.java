package io.zenmesh.xds.standalone;

import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.standalone.FieldReader.Text;
import io.zenmesh.xds.standalone.StandaloneEndpoint.Definition;
import io.zenmesh.xds.standalone.StandaloneEndpoint.SecretRef;
import io.zenmesh.xds.standalone.StandaloneEndpoint.Upstream;
import io.zenmesh.xds.standalone.StandaloneEndpoint.Way;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the endpoints of an {@code endpoints.yaml}. Not thread-safe. */
final class EndpointReader {
  private static final int MAX_TOPICS = 16;
  private static final int MAX_SHOWN = 24;

  private final Path folder;
  private final Set<String> schemes;
  private final Map<EndpointRef, StandaloneEndpoint> byRef = new HashMap<>();
  private final Map<String, String> tenantOfHost = new HashMap<>();
  private final Map<String, StandaloneEndpoint> byUrl = new HashMap<>();

  EndpointReader(Path folder, Set<String> schemes) {
    this.folder = folder;
    this.schemes = schemes;
  }

  List<StandaloneEndpoint> read(List<FieldReader> endpoints) {
    List<StandaloneEndpoint> found = new ArrayList<>();
    for (FieldReader fields : endpoints) {
      endpoint(fields)
          .ifPresent(endpoint -> {
            unique(fields, endpoint);
            found.add(endpoint);
          });
    }
    return found;
  }

  private Optional<StandaloneEndpoint> endpoint(FieldReader fields) {
    Optional<Text> tenant = fields.text("tenant", Forms::name, Forms.NAME);
    Optional<Text> name = fields.text("name", Forms::name, Forms.NAME);
    Optional<Definition> definition =
        fields.optionalMapping("definition").flatMap(this::definition);
    Optional<Text> scheme = scheme(fields, fields.has("definition"));
    List<SecretRef> secrets =
        fields.mappings("secrets", 1, StandaloneEndpoint.MAX_SECRETS).stream()
            .flatMap(it -> secret(it).stream())
            .toList();
    // A name that is not there: the rest is read all the same, for its problems.
    EndpointRef ref =
        new EndpointRef(
            new Name(tenant.map(Text::value).orElse("unnamed")),
            new Name(name.map(Text::value).orElse("unnamed")));
    EndpointPolicy policy = policy(fields, ref, scheme.map(Text::value).orElse("unnamed"));
    Optional<Way> way = way(fields);
    fields.end();
    if (tenant.isEmpty() || name.isEmpty() || scheme.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new StandaloneEndpoint(fields.at(), fields.path(), policy, secrets, definition, way));
  }

  private static EndpointPolicy policy(FieldReader fields, EndpointRef ref, String scheme) {
    Optional<Duration> tolerance =
        fields
            .optionalText("tolerance", Forms.DURATION_FORM.asMatchPredicate(), Forms.DURATION)
            .map(EndpointReader::seconds);
    int maxBodyBytes =
        fields.number(
            "maxBodyBytes",
            1,
            EndpointPolicy.MAX_BODY_BYTES_CEILING,
            EndpointPolicy.DEFAULT_MAX_BODY_BYTES);
    Optional<String> publicUrl =
        fields.optionalText("publicUrl", Forms::publicUrl, Forms.PUBLIC_URL).map(Text::value);
    boolean acknowledge =
        fields.word("onDuplicate", List.of("refuse", "acknowledge")).equals("acknowledge");
    boolean accept = fields.word("onStoreLoss", List.of("refuse", "accept")).equals("accept");
    boolean enforce = fields.flag("enforce", true);
    SchemeSettings settings = settings(fields);
    return new EndpointPolicy(
        ref,
        scheme,
        tolerance,
        maxBodyBytes,
        publicUrl,
        acknowledge ? OnDuplicate.ACKNOWLEDGE : OnDuplicate.REFUSE,
        accept ? OnStoreLoss.ACCEPT : OnStoreLoss.REFUSE,
        enforce,
        settings,
        ClientRequirement.NONE);
  }

  private static Duration seconds(Text text) {
    return Duration.ofSeconds(
        Integer.parseInt(text.value().substring(0, text.value().length() - 1)));
  }

  private Optional<Text> scheme(FieldReader fields, boolean own) {
    Optional<Text> scheme = fields.text("scheme", Forms::name, Forms.SCHEME);
    if (scheme.isPresent() && !own && !schemes.contains(scheme.get().value())) {
      String near =
          NearMiss.of(scheme.get().value(), schemes)
              .map(it -> ", did you mean " + it + "?")
              .orElse("");
      fields.refuse(
          scheme.get().at(),
          "scheme",
          shown(scheme.get().value())
              + "unknown"
              + near
              + " (expected: one of the "
              + schemes.size()
              + " that 'zenctl signature schemes' lists)");
      return Optional.empty();
    }
    return scheme;
  }

  /** No scheme has a longer name, but a secret may. */
  private static String shown(String scheme) {
    return scheme.length() <= MAX_SHOWN ? scheme + ": " : "";
  }

  private Optional<Definition> definition(FieldReader fields) {
    Optional<Text> file = fields.text("file", Forms.FILE_FORM.asMatchPredicate(), Forms.FILE);
    fields.end();
    return file.map(text -> new Definition(text.at(), folder.resolve(text.value())));
  }

  private Optional<SecretRef> secret(FieldReader fields) {
    List<String> given = List.of("file", "env", "directory").stream().filter(fields::has).toList();
    Optional<SecretRef> found = Optional.empty();
    if (given.size() != 1) {
      fields.refuse(
          fields.at(),
          "file",
          (given.isEmpty() ? "missing" : "with " + given.getLast())
              + " (expected: one of file, env, directory; never the secret itself)");
    } else {
      found =
          switch (given.getFirst()) {
            case "file" ->
                fields
                    .text("file", Forms.FILE_FORM.asMatchPredicate(), Forms.FILE)
                    .map(text -> new SecretRef.File(text.at(), folder.resolve(text.value())));
            case "env" ->
                fields
                    .text("env", Forms.VARIABLE_FORM.asMatchPredicate(), Forms.VARIABLE)
                    .map(text -> new SecretRef.Variable(text.at(), text.value()));
            default -> mounted(fields);
          };
    }
    fields.endUnshown();
    return found;
  }

  private Optional<SecretRef> mounted(FieldReader fields) {
    Optional<Text> directory =
        fields.text("directory", Forms.FILE_FORM.asMatchPredicate(), Forms.FILE);
    Optional<Text> key =
        fields.text("key", Forms.MOUNT_KEY_FORM.asMatchPredicate(), Forms.MOUNT_KEY);
    return directory.flatMap(where ->
        key.map(it -> new SecretRef.Mounted(it.at(), folder.resolve(where.value()), it.value())));
  }

  private static SchemeSettings settings(FieldReader fields) {
    List<String> topics =
        fields
            .texts(
                "topicArns", MAX_TOPICS, Forms.TOPIC_ARN_FORM.asMatchPredicate(), Forms.TOPIC_ARN)
            .stream()
            .map(Text::value)
            .toList();
    return new SchemeSettings(Optional.empty(), topics, fields.flag("autoConfirm", false));
  }

  private static Optional<Way> way(FieldReader fields) {
    Optional<Text> host =
        fields.optionalText("host", Forms.HOST_FORM.asMatchPredicate(), Forms.HOST);
    Optional<Text> path =
        fields.optionalText("path", Forms.PATH_FORM.asMatchPredicate(), Forms.PATH);
    Optional<Text> cluster =
        fields.optionalText(
            "cluster",
            Forms.CLUSTER_FORM.asMatchPredicate(),
            "the name of a cluster of your Envoy");
    Optional<Text> destination =
        fields.optionalText("destination", Forms::upstreamUrl, Forms.UPSTREAM_URL);
    List<String> given =
        List.of("host", "path", "cluster", "destination").stream().filter(fields::has).toList();
    if (given.isEmpty()) {
      return Optional.empty();
    }
    for (String key : List.of("host", "path")) {
      if (!given.contains(key)) {
        fields.missing(key, "host and path together, and cluster or destination");
      }
    }
    if (given.contains("cluster") == given.contains("destination")) {
      fields.refuse(
          fields.keyAt("destination"),
          "destination",
          (given.contains("cluster") ? "with cluster" : "missing")
              + " (expected: cluster or destination)");
    }
    if (host.isEmpty() || path.isEmpty()) {
      return Optional.empty();
    }
    Optional<Upstream> upstream =
        cluster
            .map(text -> (Upstream) new Upstream.Named(text.value()))
            .or(() -> destination.map(text -> new Upstream.Url(URI.create(text.value()))));
    return upstream.map(to -> new Way(host.get().value(), path.get().value(), to));
  }

  private void unique(FieldReader fields, StandaloneEndpoint endpoint) {
    EndpointRef ref = endpoint.policy().ref();
    StandaloneEndpoint before = byRef.putIfAbsent(ref, endpoint);
    if (before != null) {
      fields.refuse(
          fields.keyAt("name"),
          "name",
          ref + ": a duplicate of " + before.path() + " (expected: each tenant and name once)");
    }
    endpoint
        .way()
        .ifPresent(way -> {
          String owner = tenantOfHost.putIfAbsent(way.host(), ref.tenant().value());
          if (owner != null && !owner.equals(ref.tenant().value())) {
            fields.refuse(
                fields.keyAt("host"),
                "host",
                way.host() + ": of tenant " + owner + " (expected: one tenant for each host)");
          }
          StandaloneEndpoint same = byUrl.putIfAbsent(way.host() + way.path(), endpoint);
          if (same != null) {
            fields.refuse(
                fields.keyAt("path"),
                "path",
                way.path() + ": a duplicate of " + same.path() + " (expected: each path once)");
          }
        });
  }
}
