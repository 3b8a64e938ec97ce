package io.zenmesh.xds.standalone;

import io.zenmesh.xds.document.Documents;
import io.zenmesh.xds.document.Node;
import io.zenmesh.xds.document.Node.Mapping;
import io.zenmesh.xds.document.Node.Scalar;
import io.zenmesh.xds.document.Problem;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.standalone.FieldReader.Text;
import io.zenmesh.xds.standalone.StandaloneConfig.Admin;
import io.zenmesh.xds.standalone.StandaloneConfig.Clients;
import io.zenmesh.xds.standalone.StandaloneConfig.Listen;
import io.zenmesh.xds.standalone.StandaloneConfig.Replay;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Reads an {@code endpoints.yaml}: every problem of the file at once, each with line, column, path,
 * value and what was expected. Reads no other file, and never accepts a secret's value. Stateless.
 */
public final class StandaloneReader {
  /** The largest file, in characters. */
  public static final int MAX_CHARACTERS = 4 * 1024 * 1024;

  /** The optional {@code apiVersion}. */
  static final String API_VERSION = "zenmesh.io/v1alpha1";

  private static final int MAX_ENDPOINTS = 10_000;
  private static final int MAX_CLIENTS = 64;

  private StandaloneReader() {}

  /** What reading gave. */
  public sealed interface Reading {
    /** A good file. */
    record Good(StandaloneConfig config) implements Reading {}

    /** A bad one. */
    record Bad(List<Problem> problems) implements Reading {
      /** Copies the list. */
      public Bad {
        problems = List.copyOf(problems);
      }
    }
  }

  /** The JSON Schema (2020-12) of the file, for editors; this reader decides. */
  public static String schema() {
    try (InputStream in = StandaloneReader.class.getResourceAsStream("endpoints.schema.json")) {
      if (in == null) {
        throw new IllegalStateException("endpoints.schema.json: missing (expected: in this jar)");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads the text of a file.
   *
   * @param folder relative paths are taken below it
   * @param schemes the names of the catalogue
   */
  public static Reading read(String text, Path folder, Set<String> schemes) {
    Documents.Reading document = Documents.read(text, MAX_CHARACTERS);
    List<Problem> problems = new ArrayList<>(document.problems());
    Optional<StandaloneConfig> config = Optional.empty();
    if (document.root().isPresent()) {
      if (document.root().get() instanceof Mapping mapping) {
        config = config(new FieldReader(mapping, "", problems), folder, schemes);
      } else {
        problems.add(
            new Problem(
                document.root().get().at(),
                "",
                document.root().get().kind() + " (expected: a mapping)"));
      }
    }
    if (config.isPresent() && problems.isEmpty()) {
      return new Reading.Good(config.get());
    }
    problems.sort(
        Comparator.comparingInt((Problem problem) -> problem.at().line())
            .thenComparingInt(problem -> problem.at().column()));
    return new Reading.Bad(problems);
  }

  private static Optional<StandaloneConfig> config(
      FieldReader file, Path folder, Set<String> schemes) {
    file.optionalText("apiVersion", API_VERSION::equals, API_VERSION);
    Optional<Listen> listen = listen(file, folder);
    Optional<Replay> replay = file.mapping("replay").flatMap(it -> replay(it, folder));
    Optional<Admin> admin = file.optionalMapping("admin").flatMap(it -> admin(it, folder));
    List<StandaloneEndpoint> endpoints =
        new EndpointReader(folder, schemes).read(file.mappings("endpoints", 1, MAX_ENDPOINTS));
    file.end();
    if (listen.isEmpty() || replay.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new StandaloneConfig(listen.get(), replay.get(), admin, endpoints));
  }

  /** A path, or a mapping of either form. */
  private static Optional<Listen> listen(FieldReader file, Path folder) {
    Optional<Node> node = file.node("listen");
    if (node.isEmpty()) {
      file.missing("listen", Forms.SOCKET + ", or a mapping with socket or address");
      return Optional.empty();
    }
    if (node.get() instanceof Scalar) {
      return file.text("listen", Forms::socket, Forms.SOCKET)
          .map(text -> new Listen.Socket(Path.of(text.value())));
    }
    Optional<FieldReader> fields = file.mapping("listen");
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    FieldReader listen = fields.get();
    Optional<Listen> found;
    if (listen.has("address")) {
      Optional<HostPort> address = address(listen, Forms::listen, Forms.LISTEN);
      Optional<IdentityFiles> identity = identity(listen, folder);
      Optional<Clients> clients = listen.mapping("clients").flatMap(StandaloneReader::clients);
      found =
          address.flatMap(
              at -> identity.flatMap(files -> clients.map(who -> new Listen.Tls(at, files, who))));
      if (listen.has("socket")) {
        listen.refuse(listen.keyAt("socket"), "socket", "with address (expected: one of the two)");
      }
    } else {
      found =
          listen
              .text("socket", Forms::socket, Forms.SOCKET)
              .map(text -> new Listen.Socket(Path.of(text.value())));
    }
    listen.end();
    return found;
  }

  private static Optional<Clients> clients(FieldReader clients) {
    List<Text> spiffeIds =
        clients.texts("spiffeIds", MAX_CLIENTS, Forms::spiffeId, Forms.SPIFFE_ID);
    List<Text> sans =
        clients.texts("sans", MAX_CLIENTS, Forms.SAN_FORM.asMatchPredicate(), "a DNS name");
    clients.end();
    if (spiffeIds.isEmpty() && sans.isEmpty()) {
      clients.missing("spiffeIds", "at least one SPIFFE id or DNS name of Envoy");
      return Optional.empty();
    }
    return Optional.of(
        new Clients(
            spiffeIds.stream().flatMap(id -> SpiffeId.parse(id.value()).stream()).toList(),
            sans.stream().map(Text::value).toList()));
  }

  private static Optional<Replay> replay(FieldReader replay, Path folder) {
    boolean redis = replay.has("redis");
    boolean memory = replay.has("memory");
    Optional<Replay> found = Optional.empty();
    if (redis == memory) {
      replay.refuse(
          replay.at(),
          "redis",
          (redis ? "with memory" : "missing") + " (expected: redis or memory)");
      redis = false;
    }
    if (redis) {
      found = replay.mapping("redis").flatMap(it -> redis(it, folder));
    } else if (memory) {
      Optional<FieldReader> fields = replay.mapping("memory");
      fields.ifPresent(FieldReader::end);
      found = fields.map(it -> new Replay.Memory());
    }
    replay.end();
    return found;
  }

  private static Optional<Replay> redis(FieldReader redis, Path folder) {
    Optional<HostPort> address = address(redis, Forms::address, Forms.ADDRESS);
    Optional<Text> user =
        redis.text("user", Forms.USER_FORM.asMatchPredicate(), "an ACL user [A-Za-z0-9._-]{1,64}");
    Optional<Path> passwordFile =
        redis
            .text("passwordFile", Forms.FILE_FORM.asMatchPredicate(), Forms.FILE)
            .map(text -> folder.resolve(text.value()));
    Optional<IdentityFiles> identity = identity(redis, folder);
    redis.end();
    if (address.isEmpty() || user.isEmpty() || passwordFile.isEmpty() || identity.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Replay.Redis(address.get(), user.get().value(), passwordFile.get(), identity.get()));
  }

  private static Optional<Admin> admin(FieldReader admin, Path folder) {
    Optional<HostPort> address = address(admin, Forms::listen, Forms.LISTEN);
    Optional<IdentityFiles> identity =
        admin.has("identity") ? identity(admin, folder) : Optional.empty();
    if (address.isPresent() && !admin.has("identity") && !Forms.loopback(address.get())) {
      admin.missing("identity", "a directory, since the address is not a loopback one");
    }
    admin.end();
    return address.map(at -> new Admin(at, identity));
  }

  private static Optional<HostPort> address(
      FieldReader fields, Predicate<String> form, String expected) {
    return fields.text("address", form, expected).map(text -> Forms.hostPort(text.value()));
  }

  private static Optional<IdentityFiles> identity(FieldReader fields, Path folder) {
    return fields
        .text(
            "identity",
            Forms.FILE_FORM.asMatchPredicate(),
            "a directory of svid.pem, key.pem, bundle.pem")
        .map(text -> new IdentityFiles(folder.resolve(text.value())));
  }
}
