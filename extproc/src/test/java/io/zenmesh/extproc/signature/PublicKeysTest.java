package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import org.junit.jupiter.api.Test;

class PublicKeysTest {
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(3072).subtract(BigInteger.ONE);

  private static PublicKey rsa(BigInteger exponent) throws GeneralSecurityException {
    return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(MODULUS, exponent));
  }

  @Test
  void require_usualRsaExponent_isSound() throws GeneralSecurityException {
    PublicKey key = rsa(BigInteger.valueOf(65537));
    assertThatCode(() -> PublicKeys.require(SignatureAlgorithm.RSA_SHA256, key))
        .doesNotThrowAnyException();
  }

  /** One signature with it costs as much as fifty others, on a loop that all tenants share. */
  @Test
  void require_rsaExponentAsLongAsTheModulus_isRefused() throws GeneralSecurityException {
    PublicKey key = rsa(MODULUS.shiftRight(1));
    assertThatThrownBy(() -> PublicKeys.require(SignatureAlgorithm.RSA_SHA256, key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not a sound public key");
  }
}
