package io.zenmesh.controlplane;

import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.SecretFile;
import io.zenmesh.controlplane.store.awskms.AwsKmsAddress;
import io.zenmesh.controlplane.store.awskms.AwsKmsService;
import io.zenmesh.controlplane.store.gcpkms.GcpKmsAddress;
import io.zenmesh.controlplane.store.gcpkms.GcpKmsService;
import io.zenmesh.controlplane.store.transit.TransitAddress;
import io.zenmesh.controlplane.store.transit.TransitKeyring;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

/** Where the keys are that wrap secrets. */
sealed interface KeyPlace {
  /**
   * Opens it; the caller closes it.
   *
   * @param ciphertextsExist whether something is wrapped already: then no new keys are made
   */
  Keyring open(boolean ciphertextsExist, SecureRandom random);

  /**
   * In a file of this machine.
   *
   * @param passphrase what seals it; empty for in the clear
   */
  record Keyset(Path file, Optional<Path> passphrase) implements KeyPlace {
    @Override
    public Keyring open(boolean ciphertextsExist, SecureRandom random) {
      return passphrase
          .map(it ->
              KeysetFile.openOrCreate(
                  file, ciphertextsExist, SecretFile.read(it, "passphrase"), random))
          .orElseGet(() -> KeysetFile.openOrCreate(file, ciphertextsExist));
    }
  }

  /** In a transit engine. */
  record Transit(TransitAddress address) implements KeyPlace {
    @Override
    public Keyring open(boolean ciphertextsExist, SecureRandom random) {
      return TransitKeyring.open(address);
    }
  }

  /** In AWS KMS. */
  record AwsKms(AwsKmsAddress address) implements KeyPlace {
    @Override
    public Keyring open(boolean ciphertextsExist, SecureRandom random) {
      return AwsKmsService.open(address);
    }
  }

  /** In Google Cloud KMS. */
  record GcpKms(GcpKmsAddress address) implements KeyPlace {
    @Override
    public Keyring open(boolean ciphertextsExist, SecureRandom random) {
      return GcpKmsService.open(address);
    }
  }
}
