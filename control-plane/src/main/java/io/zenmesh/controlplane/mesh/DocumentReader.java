package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.controlplane.mesh.MeshDocument.Callers;
import io.zenmesh.controlplane.mesh.MeshDocument.ClusterDocument;
import io.zenmesh.controlplane.mesh.MeshDocument.DestinationDocument;
import io.zenmesh.controlplane.mesh.MeshDocument.EndpointDocument;
import io.zenmesh.controlplane.mesh.MeshDocument.Heading;
import io.zenmesh.controlplane.mesh.MeshDocument.Rules;
import io.zenmesh.controlplane.mesh.MeshDocument.TenantDocument;
import io.zenmesh.controlplane.mesh.MeshDocument.Trust;
import io.zenmesh.controlplane.mesh.YamlValue.Mapping;
import io.zenmesh.controlplane.mesh.YamlValue.Scalar;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnReceiptLoss;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.Name;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads one document at a time, each by itself: keys, types and grammars. */
final class DocumentReader {
  static final String API_VERSION = "zenmesh.io/v1alpha1";
  private static final String KINDS = "Tenant, Cluster, Secret, Destination or Endpoint";

  private final Problems problems;

  DocumentReader(Problems problems) {
    this.problems = problems;
  }

  /**
   * Reads a document; empty when it cannot even be named.
   *
   * @param number counts documents from 1, to name one that has no name
   */
  Optional<MeshDocument> read(YamlValue raw, int number) {
    if (raw instanceof Scalar scalar && scalar.text().isEmpty()) {
      return Optional.empty(); // an empty document between two separators
    }
    if (!(raw instanceof Mapping mapping)) {
      problems.add(raw.line(), "document " + number, "document", raw.kind(), "a mapping");
      return Optional.empty();
    }
    Optional<String> kind = textOf(mapping, "kind");
    String subject = subject(mapping, kind, number);
    Fields document = new Fields(mapping, "", subject, problems);
    document
        .text("apiVersion", API_VERSION)
        .filter(version -> !version.value().equals(API_VERSION))
        .ifPresent(
            version -> document.refuse(version.line(), "apiVersion", "malformed", API_VERSION));
    Optional<Located<String>> checkedKind = document.text("kind", KINDS);
    Optional<Heading> heading =
        document.mapping("metadata").flatMap(it -> heading(mapping.line(), kind.orElse(""), it));
    Optional<MeshDocument> read =
        switch (kind.orElse("")) {
          case "Tenant" -> tenant(heading, document.optionalMapping("spec"));
          case "Cluster" -> document.mapping("spec").flatMap(it -> cluster(heading, it));
          case "Secret" ->
              document.mapping("spec").flatMap(it -> SecretDocumentReader.read(heading, it));
          case "Destination" -> document.mapping("spec").flatMap(it -> destination(heading, it));
          case "Endpoint" -> document.mapping("spec").flatMap(it -> endpoint(heading, it));
          default -> {
            document.has("spec");
            checkedKind.ifPresent(
                it -> document.refuse(it.line(), "kind", shownKind(it.value()), KINDS));
            yield Optional.empty();
          }
        };
    document.end();
    return read;
  }

  /** The best name the document has, before anything of it is checked. */
  private static String subject(Mapping document, Optional<String> kind, int number) {
    Optional<Mapping> metadata =
        Optional.ofNullable(document.members().get("metadata"))
            .filter(it -> it.value() instanceof Mapping)
            .map(it -> (Mapping) it.value());
    Optional<String> name = metadata.flatMap(it -> textOf(it, "name")).filter(Name::isValid);
    Optional<String> tenant = metadata.flatMap(it -> textOf(it, "tenant")).filter(Name::isValid);
    String shownKind = kind.filter(it -> shownKind(it).equals(it)).orElse("document");
    if (name.isEmpty()) {
      return shownKind + " #" + number;
    }
    return tenant
        .map(it -> shownKind + " " + it + "/" + name.get())
        .orElse(shownKind + " " + name.get());
  }

  private static String shownKind(String kind) {
    return kind.matches("[A-Za-z]{1,20}") ? kind : "malformed";
  }

  private static Optional<String> textOf(Mapping mapping, String key) {
    return Optional.ofNullable(mapping.members().get(key))
        .filter(it ->
            it.value() instanceof Scalar(int line, Scalar.Type type, String text)
                && type == Scalar.Type.TEXT)
        .map(it -> ((Scalar) it.value()).text());
  }

  private static Optional<Heading> heading(int line, String kind, Fields metadata) {
    Optional<Located<Name>> name = metadata.name("name");
    Optional<Located<Name>> tenant = kind.equals("Tenant") ? name : metadata.name("tenant");
    metadata.end();
    return name.flatMap(it -> tenant.map(owner -> new Heading(line, kind, owner, it.value())));
  }

  private static Optional<MeshDocument> tenant(Optional<Heading> heading, Optional<Fields> spec) {
    Optional<Located<Retention>> retention =
        spec.flatMap(fields -> {
          Optional<Located<Retention>> read =
              fields
                  .optionalText("auditRetention", Retention.GRAMMAR)
                  .flatMap(it -> {
                    Optional<Retention> parsed = Retention.parse(it.value());
                    fits(fields, "auditRetention", it, parsed.isPresent(), Retention.GRAMMAR);
                    return parsed.map(days -> new Located<>(it.line(), days));
                  });
          fields.end();
          return read;
        });
    return heading.map(it -> new TenantDocument(it, retention));
  }

  private static Optional<MeshDocument> cluster(Optional<Heading> heading, Fields spec) {
    Optional<Located<Name>> secret =
        spec.mapping("tls")
            .flatMap(tls -> {
              Optional<Located<Name>> ref = tls.name("secretRef");
              tls.end();
              return ref;
            });
    Set<Name> taken = new HashSet<>();
    List<ClusterSpec.Ingress> ingress = new ArrayList<>();
    for (Fields node : spec.mappings("ingress")) {
      Optional<Located<Name>> name = nodeName(node, taken);
      Optional<HostPort> listen = listen(node);
      Optional<Located<String>> socket =
          node.text("processorSocket", Grammar.SOCKET)
              .filter(it ->
                  fits(node, "processorSocket", it, Grammar.socket(it.value()), Grammar.SOCKET));
      node.end();
      if (name.isPresent() && listen.isPresent() && socket.isPresent()) {
        ingress.add(
            new ClusterSpec.Ingress(name.get().value(), listen.get(), socket.get().value()));
      }
    }
    List<ClusterSpec.Egress> egress = new ArrayList<>();
    for (Fields node : spec.mappings("egress")) {
      Optional<Located<Name>> name = nodeName(node, taken);
      Optional<HostPort> listen = listen(node);
      listen
          .filter(Grammar::wildcard)
          .ifPresent(it ->
              node.refuse(
                  node.memberLine("listen"),
                  "listen",
                  it.toString(),
                  "an address that ingress Envoys can connect to"));
      node.end();
      if (name.isPresent() && listen.isPresent()) {
        egress.add(new ClusterSpec.Egress(name.get().value(), listen.get()));
      }
    }
    for (String role : List.of("ingress", "egress")) {
      if (!spec.has(role)) {
        spec.refuse(spec.line(), role, "missing", "a list of at least one node");
      }
    }
    spec.end();
    return heading.map(it -> new ClusterDocument(it, secret, ingress, egress));
  }

  private static Optional<Located<Name>> nodeName(Fields node, Set<Name> taken) {
    Optional<Located<Name>> name = node.name("name");
    name.filter(it -> !taken.add(it.value()))
        .ifPresent(it ->
            node.refuse(it.line(), "name", it.value().toString(), "a name unique in the cluster"));
    return name;
  }

  private static Optional<HostPort> listen(Fields node) {
    return node.text("listen", Grammar.LISTEN)
        .flatMap(it -> {
          Optional<HostPort> address = Grammar.listen(it.value());
          fits(node, "listen", it, address.isPresent(), Grammar.LISTEN);
          return address;
        });
  }

  private static Optional<MeshDocument> destination(Optional<Heading> heading, Fields spec) {
    Optional<URI> url =
        spec.text("url", Grammar.URL)
            .flatMap(it -> {
              Optional<URI> parsed = Grammar.httpsUrl(it.value());
              fits(spec, "url", it, parsed.isPresent(), Grammar.URL);
              return parsed;
            });
    Optional<Located<Name>> ca = spec.optionalName("caRef");
    spec.end();
    return heading.map(it -> new DestinationDocument(it, url, ca));
  }

  private static Optional<MeshDocument> endpoint(Optional<Heading> heading, Fields spec) {
    Optional<Located<Name>> cluster = spec.name("cluster");
    Optional<Located<String>> host =
        spec.text("host", Grammar.HOST)
            .filter(it -> fits(spec, "host", it, Grammar.host(it.value()), Grammar.HOST));
    Optional<Located<String>> path =
        spec.text("path", Grammar.PATH)
            .filter(it -> fits(spec, "path", it, Grammar.path(it.value()), Grammar.PATH));
    Optional<Located<String>> scheme = spec.text("scheme", "a scheme of the catalogue");
    List<Located<Name>> secrets =
        spec.has("secretRefs") || !TrustReader.mayHaveNoSecrets(spec)
            ? spec.names("secretRefs", EndpointSpec.MAX_SECRETS)
            : List.of();
    Optional<Located<Name>> destination = spec.name("destination");
    Rules rules = rules(spec);
    Callers callers = CallersReader.read(spec);
    Trust trust = TrustReader.read(spec);
    spec.end();
    return heading.map(it ->
        new EndpointDocument(
            it, cluster, host, path, scheme, secrets, destination, rules, trust, callers));
  }

  private static Rules rules(Fields spec) {
    Optional<Duration> tolerance =
        spec.optionalText("tolerance", Grammar.DURATION)
            .flatMap(it -> {
              Optional<Duration> parsed = Grammar.seconds(it.value());
              fits(spec, "tolerance", it, parsed.isPresent(), Grammar.DURATION);
              return parsed;
            });
    int maxBodyBytes =
        spec.optionalInteger("maxBodyBytes", 1, EndpointPolicy.MAX_BODY_BYTES_CEILING)
            .map(Located::value)
            .orElse(EndpointPolicy.DEFAULT_MAX_BODY_BYTES);
    Optional<String> publicUrl =
        spec.optionalText("publicUrl", Grammar.URL)
            .filter(it ->
                fits(spec, "publicUrl", it, Grammar.httpsUrl(it.value()).isPresent(), Grammar.URL))
            .map(Located::value);
    OnDuplicate onDuplicate =
        "acknowledge".equals(word(spec, "onDuplicate", "refuse", "acknowledge"))
            ? OnDuplicate.ACKNOWLEDGE
            : OnDuplicate.REFUSE;
    OnStoreLoss onStoreLoss =
        "accept".equals(word(spec, "onStoreLoss", "refuse", "accept"))
            ? OnStoreLoss.ACCEPT
            : OnStoreLoss.REFUSE;
    OnReceiptLoss onReceiptLoss =
        "refuse".equals(word(spec, "onReceiptLoss", "accept", "refuse"))
            ? OnReceiptLoss.REFUSE
            : OnReceiptLoss.ACCEPT;
    return new Rules(tolerance, maxBodyBytes, publicUrl, onDuplicate, onStoreLoss, onReceiptLoss);
  }

  private static String word(Fields spec, String key, String usual, String other) {
    String expected = usual + " or " + other;
    return spec.optionalText(key, expected)
        .filter(it ->
            fits(spec, key, it, it.value().equals(usual) || it.value().equals(other), expected))
        .map(Located::value)
        .orElse(usual);
  }

  static boolean fits(
      Fields fields, String key, Located<String> text, boolean fits, String expected) {
    if (!fits) {
      // What follows these in a URL may be a password or a token.
      boolean harmless = text.value().chars().noneMatch(c -> c == '@' || c == '?' || c == '#');
      String shown = harmless ? Problems.shown(text.value()) : "malformed, not repeated";
      fields.refuse(text.line(), key, shown, expected);
    }
    return fits;
  }
}
