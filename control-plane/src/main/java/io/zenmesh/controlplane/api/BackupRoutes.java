package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.custody.SecretExport;
import io.zenmesh.controlplane.custody.SecretImport;
import io.zenmesh.controlplane.publish.Publication;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Sealed backups of a tenant's secrets. Passphrases come in as {@code application/octet-stream} and
 * are zeroed; only sealed bytes go out. One at a time, for each takes 64 MiB to make a key of its
 * passphrase: another one is answered 429. Thread-safe.
 */
public final class BackupRoutes implements RouteGroup {
  private static final String VERSIONS = "X-Zen-Versions";

  private final SecretExport exports;
  private final SecretImport imports;
  private final Supplier<Publication> publish;
  private final Semaphore one = new Semaphore(1);

  /**
   * @param publish brings the stored state to the nodes
   */
  public BackupRoutes(SecretExport exports, SecretImport imports, Supplier<Publication> publish) {
    this.exports = exports;
    this.imports = imports;
    this.publish = publish;
  }

  @Override
  public Map<String, ApiHandler> handlers() {
    return Map.of(
        "exportSecrets", request -> alone(request, this::export),
        "importSecrets", request -> alone(request, this::restore));
  }

  private Answer alone(ApiRequest request, ApiHandler work) {
    if (!one.tryAcquire()) {
      return Answer.problem(Problem.Kind.RATE_LIMITED, List.of(), request.correlation())
          .with("Retry-After", "1");
    }
    try {
      return work.answer(request);
    } finally {
      one.release();
    }
  }

  private Answer export(ApiRequest request) {
    SecretBytes passphrase = SecretBytes.takeOver(request.body());
    return switch (exports.export(request.caller().actor(), request.tenant(), passphrase)) {
      case SecretExport.Answer.Refused(String code, String detail) ->
          SecretRoutes.refusal(request, code, detail);
      case SecretExport.Answer.Sealed sealed ->
          new Answer(
              201,
              "application/octet-stream",
              Map.of(VERSIONS, Integer.toString(sealed.versions())),
              sealed.file());
    };
  }

  private Answer restore(ApiRequest request) {
    byte[] body = request.body();
    try {
      int length = body.length < 2 ? -1 : (body[0] & 0xff) << Byte.SIZE | body[1] & 0xff;
      if (length < 0 || body.length < 2 + length) {
        return Answer.problem(
            Problem.Kind.BODY_MALFORMED,
            List.of("body: cut short (expected: length, passphrase and backup)"),
            request.correlation());
      }
      boolean dryRun = flag(request, "dryRun");
      return restored(
          request,
          imports.restore(
              request.caller().actor(),
              request.tenant(),
              Arrays.copyOfRange(body, 2 + length, body.length),
              SecretBytes.takeOver(Arrays.copyOfRange(body, 2, 2 + length)),
              new SecretImport.Choice(flag(request, "anyOrigin"), dryRun)),
          dryRun);
    } finally {
      Arrays.fill(body, (byte) 0);
    }
  }

  private Answer restored(ApiRequest request, SecretImport.Answer answer, boolean dryRun) {
    return switch (answer) {
      case SecretImport.Answer.Refused(String code, String detail) ->
          SecretRoutes.refusal(request, code, detail);
      case SecretImport.Answer.Done done when !done.changed() ->
          Answer.json(200, BackupView.Imported.of(dryRun, done, 0, List.of()));
      case SecretImport.Answer.Done done ->
          Publications.answer(
              request,
              publish.get(),
              published ->
                  BackupView.Imported.of(dryRun, done, published.nodes(), published.behind()));
    };
  }

  private static boolean flag(ApiRequest request, String name) {
    return request.query(name).map(Boolean::parseBoolean).orElse(false);
  }
}
