package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

class SecretOpenerTest {
  private static final SecretRef ORDERS = new SecretRef(new Name("acme"), new Name("orders"));
  private static final Actor ACTOR = Actor.system("test");

  private final RecordingTrail trail = new RecordingTrail();

  /** Tells how many events there were when it was asked to unwrap. */
  private final class Watching implements KeyWrapper {
    private int recordedBefore = -1;
    private byte[] key = new byte[0];

    @Override
    public String kekId() {
      return "one";
    }

    @Override
    public byte[] wrap(String kekId, SecretBytes dataKey, byte[] associatedData) {
      key = dataKey.copy(SecretAccess.granted());
      return new byte[] {1};
    }

    @Override
    public SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData) {
      recordedBefore = trail.lines().size();
      return SecretBytes.copyOf(key);
    }
  }

  private final Watching wrapper = new Watching();
  private final Envelope envelope = new Envelope(wrapper, new SecureRandom());
  private final SecretOpener opener = new SecretOpener(envelope, trail);

  private SealedVersion sealed(long version) {
    try (SecretBytes value = SecretBytes.takeOver(new byte[] {1, 2, 3})) {
      return new SealedVersion(ORDERS, version, envelope.seal(ORDERS, version, value));
    }
  }

  @Test
  void K07_unwrap_isOnRecordBeforeItHappens() {
    SecretOpener.Session session = opener.announce(ACTOR, "publish", List.of(sealed(3)));
    session.open(ORDERS, 3).close();
    assertThat(wrapper.recordedBefore).isOne();
    assertThat(trail.lines())
        .containsExactly("acme secret.unwrap secret/acme/orders/3 DONE publish");
  }

  @Test
  void K07_F32_trailAway_opensNothing() {
    trail.away(true);
    List<SealedVersion> secrets = List.of(sealed(3));
    assertThatThrownBy(() -> opener.announce(ACTOR, "publish", secrets))
        .isInstanceOf(AuditUnavailableException.class);
    assertThat(wrapper.recordedBefore).isEqualTo(-1);
  }

  @Test
  void K07_whatWasNotAnnounced_isNotOpened() {
    SecretOpener.Session session = opener.announce(ACTOR, "publish", List.of(sealed(3)));
    assertThatThrownBy(() -> session.open(ORDERS, 4)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> session.open(new SecretRef(new Name("b"), new Name("orders")), 3))
        .isInstanceOf(IllegalStateException.class);
    assertThat(wrapper.recordedBefore).isEqualTo(-1);
  }

  @Test
  void sameSecretTwice_isOneEvent() {
    SealedVersion once = sealed(3);
    var unused = opener.announce(ACTOR, "publish", List.of(once, once));
    assertThat(trail.lines()).hasSize(1);
  }
}
