package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.SecretView;
import io.zenmesh.controlplane.custody.Custodian;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "import-zenlock",
    description = {
      "Puts each value of a ZenLock object (security.kube-zen.io/v1alpha1, sealed with age) into",
      "custody as a secret of its own. It is opened here: the identity stays on this machine. All",
      "is opened before the first is put; what the tenant has already is left alone."
    })
final class SecretImportZenLockCommand implements Callable<Integer> {
  @Mixin private TenantOption tenant;

  @Parameters(paramLabel = "FILE", description = "The object, as YAML or JSON.")
  private Path file = Path.of("");

  @Option(
      names = "--identity-file",
      required = true,
      paramLabel = "FILE",
      description = "The age identity (AGE-SECRET-KEY-1...), in a file of mode 0600.")
  private Path identityFile = Path.of("");

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      description = {
        "What the secrets' names begin with; the key follows in lower case, with - for _ and .",
        "By default the object's name and -."
      })
  private Optional<String> prefix = Optional.empty();

  @Option(
      names = "--replace",
      description = "Give secrets that are there the new value; their older versions end at once.")
  private boolean replace;

  @Option(names = "--accept-weak", description = "Take values that can be guessed all the same.")
  private boolean acceptWeak;

  @Option(names = "--dry-run", description = "Open everything, but put nothing.")
  private boolean dryRun;

  @Spec private CommandSpec spec;
  @ParentCommand private SecretCommand parent;

  @Override
  public Integer call() {
    Map<Name, SecretBytes> values = open();
    try (ApiClient api = parent.api()) {
      refuseThoseThere(api, values);
      return put(api, values);
    } finally {
      values.values().forEach(SecretBytes::close);
    }
  }

  private Map<Name, SecretBytes> open() {
    Map<Name, SecretBytes> values = new LinkedHashMap<>();
    try (SecretBytes identity = InputFiles.identity(identityFile)) {
      AgeIdentities identities = AgeIdentities.parse(identity, "--identity-file: " + identityFile);
      ZenLock lock = ZenLock.parse(InputFiles.zenLock(file));
      if (lock.subjects()) {
        err().println("zenctl: " + file + ": spec.allowedSubjects: has no meaning here, left out");
      }
      Map<String, Name> names = lock.names(prefix.orElse(lock.name() + "-"));
      lock.sealed()
          .forEach((key, age) ->
              values.put(Objects.requireNonNull(names.get(key), key), open(identities, key, age)));
      return values;
    } catch (IllegalArgumentException e) {
      values.values().forEach(SecretBytes::close);
      throw CliException.usage(file + ": " + e.getMessage());
    }
  }

  private static SecretBytes open(AgeIdentities identities, String key, byte[] sealed) {
    try {
      SecretBytes value = identities.open(sealed, Custodian.MAX_BYTES);
      if (value.length() == 0) {
        throw new IOException("empty");
      }
      return value;
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      throw new IllegalArgumentException(
          "spec.encryptedData."
              + key
              + ": does not open (expected: age, sealed to this identity, whole, 1 to "
              + Custodian.MAX_BYTES
              + " bytes)",
          e);
    }
  }

  private void refuseThoseThere(ApiClient api, Map<Name, SecretBytes> values) {
    if (replace) {
      return;
    }
    String there =
        api.all(parent.path(tenant) + "/secrets", SecretView.class).stream()
            .map(SecretView::name)
            .filter(it -> values.containsKey(new Name(it)))
            .collect(Collectors.joining(", "));
    if (!there.isEmpty()) {
      throw CliException.failed(there + ": there already (expected: new names, or --replace)");
    }
  }

  private int put(ApiClient api, Map<Name, SecretBytes> values) {
    int behind = 0;
    int put = 0;
    for (Map.Entry<Name, SecretBytes> value : values.entrySet()) {
      if (dryRun) {
        out().println(value.getKey() + ": would be put");
        continue;
      }
      try {
        SecretView.Changed changed =
            api.send(
                "PUT",
                parent.path(tenant) + "/secrets/" + value.getKey() + "?acceptWeak=" + acceptWeak,
                value.getValue(),
                SecretView.Changed.class);
        put++;
        behind += changed.behind().size();
        out().printf("%s version %d: stored and sent%n", value.getKey(), changed.version());
        changed.behind().forEach(it -> err().println("zenctl: node " + it + " refused or lags"));
      } catch (CliException e) {
        err().printf("zenctl: %s: not put; %d of %d are%n", value.getKey(), put, values.size());
        throw e;
      }
    }
    return behind == 0 ? Zenctl.DONE : Zenctl.FAILED;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
