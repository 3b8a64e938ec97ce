package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.custody.Custodian.Answer;
import io.zenmesh.controlplane.store.postgres.Database;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(PostgresExtension.class)
class CustodianTest {
  private static final SecretRef ORDERS = new SecretRef(Name.SYSTEM, new Name("orders"));
  private static final Actor ACTOR = new Actor(Actor.Kind.PRINCIPAL, "spiffe://t/operator/ann");
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path folder;
  private final RecordingTrail trail = new RecordingTrail();
  private Instant now = Instant.parse("2026-01-01T00:00:00.123456789Z");
  private Optional<String> problem = Optional.empty();
  private Database database;
  private SecretStore store;
  private Envelope envelope;
  private Custodian custodian;

  @BeforeEach
  void open() {
    database = Database.open(TestPostgres.freshDatabase());
    store = database.secretStore();
    envelope =
        new Envelope(
            new CountedWrapper(
                KeysetFile.openOrCreate(folder.resolve("keyset.json"), false),
                database.wrapLedger()),
            new SecureRandom());
    custodian = new Custodian(store, envelope, trail, (ref, value) -> problem, () -> now);
  }

  @AfterEach
  void end() {
    database.close();
  }

  private static SecretBytes bytes(String text) {
    return SecretBytes.takeOver(text.getBytes(StandardCharsets.US_ASCII));
  }

  private Answer put(String value) {
    return custodian.put(ACTOR, ORDERS, bytes(value), false, any -> true);
  }

  private Answer rotate(String value, Duration overlap) {
    return custodian.rotate(ACTOR, ORDERS, bytes(value), overlap, false);
  }

  private static long done(Answer answer) {
    return switch (answer) {
      case Answer.Done done -> done.version();
      case Answer.Refused refused -> throw new AssertionError(refused.toString());
    };
  }

  private static String code(Answer answer) {
    return switch (answer) {
      case Answer.Done done -> "done";
      case Answer.Refused(String code, String detail) -> code;
    };
  }

  private Optional<String> opened(long version) {
    return store.change(
        Name.SYSTEM,
        shelf ->
            shelf
                .sealed(ORDERS.name(), version)
                .map(it -> envelope.open(ORDERS, version, it.sealed()))
                .map(it -> new String(it.copy(SecretAccess.granted()), StandardCharsets.US_ASCII)));
  }

  private VersionHistory history() {
    return custodian.list(ACTOR, Name.SYSTEM).getFirst().history();
  }

  @Test
  void lifeOfASecret_isStoredStepByStep() {
    long first = done(put("value-one"));
    long second = done(rotate("value-two", HOUR));
    assertThat(second).isGreaterThan(first);
    assertThat(opened(first)).hasValue("value-one");
    assertThat(opened(second)).hasValue("value-two");
    assertThat(code(custodian.destroy(ACTOR, ORDERS, first))).isEqualTo("still_live");
    done(custodian.revoke(ACTOR, ORDERS, first));
    done(custodian.destroy(ACTOR, ORDERS, first));
    assertThat(opened(first)).isEmpty();
    assertThat(history().versions())
        .hasSize(2)
        .containsEntry(first, new VersionState.Destroyed(Moments.now(() -> now)));
    assertThat(code(custodian.retire(ACTOR, ORDERS, second))).isEqualTo("last_live_version");
  }

  @Test
  void K07_everyVerb_isOnRecord_refusedOnesToo() {
    long first = done(put("value-one"));
    done(rotate("value-two", HOUR));
    done(custodian.retire(ACTOR, ORDERS, first));
    done(custodian.revoke(ACTOR, ORDERS, first));
    assertThat(code(custodian.revoke(ACTOR, ORDERS, first))).isEqualTo("already_ended");
    done(custodian.destroy(ACTOR, ORDERS, first));
    var unused = custodian.list(ACTOR, Name.SYSTEM);
    assertThat(trail.lines())
        .containsExactly(
            "system secret.put secret/system/orders/1 DONE",
            "system secret.rotate secret/system/orders/2 DONE",
            "system secret.retire secret/system/orders/1 DONE",
            "system secret.revoke secret/system/orders/1 DONE",
            "system secret.revoke secret/system/orders/1 FAILED already_ended",
            "system secret.destroy secret/system/orders/1 DONE",
            "system secret.list tenant/system DONE");
  }

  @Test
  void K07_F32_trailAway_changesNothing() {
    done(put("value-one"));
    trail.away(true);
    assertThatThrownBy(() -> rotate("value-two", HOUR))
        .isInstanceOf(AuditUnavailableException.class);
    assertThatThrownBy(() -> custodian.revoke(ACTOR, ORDERS, 1))
        .isInstanceOf(AuditUnavailableException.class);
    assertThatThrownBy(() -> custodian.list(ACTOR, Name.SYSTEM))
        .isInstanceOf(AuditUnavailableException.class);
    trail.away(false);
    assertThat(history().versions()).hasSize(1);
    assertThat(history().versions().get(1L)).isInstanceOf(VersionState.Live.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, Custodian.MAX_BYTES + 1, 1024 * 1024})
  void K08_valueOfAnImpossibleSize_isRefused(int length) {
    byte[] value = new byte[length];
    new SecureRandom().nextBytes(value);
    assertThat(code(custodian.put(ACTOR, ORDERS, SecretBytes.takeOver(value), true, any -> true)))
        .isEqualTo("value_size");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ababababab", "short-7"})
  void K08_valueThatCanBeGuessed_isRefused_unlessAccepted(String value) {
    assertThat(code(put(value))).isEqualTo("value_weak");
    done(custodian.put(ACTOR, ORDERS, bytes(value), true, any -> true));
  }

  @Test
  void K08_largestValue_isKept() {
    byte[] value = new byte[Custodian.MAX_BYTES];
    new SecureRandom().nextBytes(value);
    done(custodian.put(ACTOR, ORDERS, SecretBytes.takeOver(value), false, any -> true));
  }

  @Test
  void valueThatSuitsNoEndpoint_isRefusedWithWhy() {
    problem = Optional.of("endpoint acme/zen: key zen: malformed");
    assertThat(put("value-one"))
        .isEqualTo(new Answer.Refused("value_unfit", "endpoint acme/zen: key zen: malformed"));
  }

  @Test
  void nameOfARoot_isNobodysToTouch() {
    TenantRoots roots =
        new TenantRoots(
            store, envelope, new SecretOpener(envelope, trail), new SecureRandom(), () -> now);
    roots.internalKey(Name.SYSTEM, "test").close();
    SecretRef root = new SecretRef(Name.SYSTEM, TenantRoots.NAME);
    assertThat(code(custodian.put(ACTOR, root, bytes("value-one"), false, any -> true)))
        .isEqualTo("not_a_signing_secret");
    assertThat(code(custodian.rotate(ACTOR, root, bytes("value-one"), HOUR, false)))
        .isEqualTo("not_a_signing_secret");
    assertThat(code(custodian.revoke(ACTOR, root, 1))).isEqualTo("not_a_signing_secret");
    assertThat(code(custodian.destroy(ACTOR, root, 1))).isEqualTo("unknown_secret");
    assertThat(custodian.list(ACTOR, Name.SYSTEM)).isEmpty();
  }

  @Test
  void root_isMadeOnce_andGivesTheSameKeysEachTime() {
    TenantRoots roots =
        new TenantRoots(
            store, envelope, new SecretOpener(envelope, trail), new SecureRandom(), () -> now);
    try (SecretBytes one = roots.internalKey(Name.SYSTEM, "a");
        SecretBytes same = roots.internalKey(Name.SYSTEM, "a");
        SecretBytes other = roots.internalKey(Name.SYSTEM, "b")) {
      assertThat(one.sameAs(same)).isTrue();
      assertThat(one.sameAs(other)).isFalse();
    }
    assertThat(trail.lines()).hasSize(3).allMatch(it -> it.contains("secret.unwrap"));
  }

  @Test
  void unknownSecretOrTenant_isTold() {
    assertThat(code(rotate("value-two", HOUR))).isEqualTo("unknown_secret");
    SecretRef nowhere = new SecretRef(new Name("nobody"), new Name("orders"));
    assertThatThrownBy(() -> custodian.put(ACTOR, nowhere, bytes("value-one"), false, any -> true))
        .isInstanceOf(UnknownTenantException.class);
  }

  @Test
  void K01_usesOfAKek_areCountedBeforeTheyHappen_andEndAtTheLimit() {
    WrapLedger ledger = database.wrapLedger();
    ledger.reserve("some-kek", 1_000);
    for (long left = WrapLedger.LIMIT - 1_000; left > 0; left -= Integer.MAX_VALUE) {
      ledger.reserve("some-kek", (int) Math.min(left, Integer.MAX_VALUE));
    }
    assertThatThrownBy(() -> ledger.reserve("some-kek", 1))
        .isInstanceOf(CustodyException.class)
        .hasMessageContaining("some-kek");
  }

  @Test
  void storeAway_isTold() {
    database.close();
    assertThatThrownBy(() -> put("value-one")).isInstanceOf(StoreException.class);
  }
}
