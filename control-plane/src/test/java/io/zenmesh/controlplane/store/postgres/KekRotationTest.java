package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.custody.CountedWrapper;
import io.zenmesh.controlplane.custody.Custodian;
import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KekRotation;
import io.zenmesh.controlplane.custody.KekStore;
import io.zenmesh.controlplane.custody.KeyWrapper;
import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.SealProof;
import io.zenmesh.controlplane.custody.SealedVersion;
import io.zenmesh.controlplane.custody.SecretOpener;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KekRotationTest extends KekRotationFixture {
  @Test
  void rotation_bringsEverythingUnderANewKey_andTouchesNoCiphertext() throws SQLException {
    Map<String, String> values = readable();
    Map<String, String> sealed = ciphertexts();
    KeysetFile keyring = KeysetFile.openOrCreate(keyset, true);
    String old = keyring.kekId();
    KekRotation.Progress progress = rotation(keyring).rotate(ACTOR);
    assertThat(progress.rewrapped()).isEqualTo(6);
    assertThat(progress.destroyed()).containsExactly(old);
    assertThat(progress.current()).isNotEqualTo(old);
    assertThat(readable()).isEqualTo(values).hasSize(6);
    assertThat(ciphertexts()).isEqualTo(sealed);
    nothingIsLeftOf(old);
    assertThat(trail.lines())
        .containsExactly(
            "system kek.rotate kek/" + old + " ALLOWED",
            "system kek.rotate kek/" + old + " DONE",
            "acme secret.rewrap kek/" + progress.current() + " DONE 4",
            "globex secret.rewrap kek/" + progress.current() + " DONE 1",
            "system secret.rewrap kek/" + progress.current() + " DONE 1",
            "system kek.destroy kek/" + old + " DONE");
  }

  /** A keyring that does something first whenever it wraps, and makes a key only when it may. */
  private record Watched(Keyring keyring, boolean makes, Runnable beforeWrap) implements Keyring {
    @Override
    public List<String> kekIds() {
      return keyring.kekIds();
    }

    @Override
    public String addCurrent() {
      if (!makes) {
        throw new CustodyException("kek: made elsewhere");
      }
      return keyring.addCurrent();
    }

    @Override
    public void destroy(String kekId) {
      keyring.destroy(kekId);
    }

    @Override
    public String kekId() {
      return keyring.kekId();
    }

    @Override
    public byte[] wrap(String kekId, SecretBytes dataKey, byte[] associatedData) {
      beforeWrap.run();
      return keyring.wrap(kekId, dataKey, associatedData);
    }

    @Override
    public SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData) {
      return keyring.unwrap(kekId, wrapped, associatedData);
    }
  }

  @Test
  void K05_versionThatDoesNotOpen_isNamed_andHoldsUpNothingElse() throws SQLException {
    KeysetFile keyring = KeysetFile.openOrCreate(keyset, true);
    String old = keyring.kekId();
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "update secret_version set wrapped_key ="
                      + " set_byte(wrapped_key, 20, get_byte(wrapped_key, 20) # 1)"
                      + " where (tenant, secret, version) in (select tenant, secret, version"
                      + " from secret_version order by tenant, secret, version limit 1)"))
          .isEqualTo(1);
    }
    KekRotation.Progress progress = rotation(keyring).rotate(ACTOR);
    assertThat(progress.rewrapped()).isEqualTo(5);
    assertThat(progress.destroyed()).isEmpty();
    assertThat(progress.broken()).hasSize(1).first().asString().startsWith("secret/acme/");
    assertThat(trail.lines())
        .contains("acme secret.rewrap " + progress.broken().getFirst() + " FAILED seal_broken");
    assertThat(keyring.kekIds()).contains(old, progress.current());
    SealProof.prove(
        database.someOfEachKek().stream()
            .filter(it -> it.sealed().kekId().equals(progress.current()))
            .toList(),
        new SecretOpener(envelope(keyring), trail));
  }

  /** A store in which something is put just before the first key is retired. */
  private record Late(KekStore real, AtomicInteger retired, Runnable put) implements KekStore {
    @Override
    public List<Use> uses() {
      return real.uses();
    }

    @Override
    public List<Name> behind(String current) {
      return real.behind(current);
    }

    @Override
    public long countBehind(Name tenant, String current) {
      return real.countBehind(tenant, current);
    }

    @Override
    public List<SealedVersion> someBehind(Name tenant, String current, int most) {
      return real.someBehind(tenant, current, most);
    }

    @Override
    public int replace(Name tenant, List<Rewrapped> rewrapped) {
      return real.replace(tenant, rewrapped);
    }

    @Override
    public boolean retire(String kekId) {
      if (retired.getAndIncrement() == 0) {
        put.run();
      }
      return real.retire(kekId);
    }
  }

  private Custodian custodian(Envelope envelope) {
    return new Custodian(
        database.secretStore(),
        envelope,
        trail,
        (ref, value) -> Optional.empty(),
        InstantSource.system());
  }

  @Test
  void K05_valuePutUnderTheFormerKeyMeanwhile_isBroughtUnderTheNewOneToo() throws SQLException {
    KeysetFile keyring = KeysetFile.openOrCreate(keyset, true);
    String old = keyring.kekId();
    KeyWrapper former =
        new KeyWrapper() {
          @Override
          public String kekId() {
            return old;
          }

          @Override
          public byte[] wrap(String kekId, SecretBytes dataKey, byte[] associatedData) {
            return keyring.wrap(kekId, dataKey, associatedData);
          }

          @Override
          public SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData) {
            return keyring.unwrap(kekId, wrapped, associatedData);
          }
        };
    Custodian late = custodian(new Envelope(former, new SecureRandom()));
    Runnable put =
        () ->
            assertThat(
                    late.rotate(
                        ACTOR,
                        new SecretRef(new Name("acme"), new Name("signing")),
                        bytes("put-meanwhile"),
                        Duration.ofHours(1),
                        true))
                .isInstanceOf(Custodian.Answer.Done.class);
    KekStore store = new Late(database.kekStore(), new AtomicInteger(), put);
    KekRotation.Progress progress =
        new KekRotation(keyring, store, envelope(keyring), trail, 2).rotate(ACTOR);
    assertThat(progress.rewrapped()).isEqualTo(7);
    assertThat(progress.destroyed()).containsExactly(old);
    assertThat(readable()).containsValue("put-meanwhile");
    nothingIsLeftOf(old);
  }

  @Test
  void K05_keyringThatMakesNoKey_isOnRecordAsFailed_notAsDone() {
    KeysetFile keyring = KeysetFile.openOrCreate(keyset, true);
    String old = keyring.kekId();
    assertThatThrownBy(() -> rotation(new Watched(keyring, false, () -> {})).rotate(ACTOR))
        .isInstanceOf(CustodyException.class)
        .hasMessage("kek: made elsewhere");
    assertThat(keyring.kekIds()).containsExactly(old);
    assertThat(trail.lines())
        .containsExactly(
            "system kek.rotate kek/" + old + " ALLOWED",
            "system kek.rotate kek/" + old + " FAILED kek_not_added");
  }

  /** The engine may be far away: what it is asked is asked while nobody waits for the database. */
  @Test
  void wrappingAnew_holdsNoTransactionAndNoRow() throws SQLException {
    KeysetFile keyring = KeysetFile.openOrCreate(keyset, true);
    AtomicInteger looks = new AtomicInteger();
    Runnable look =
        () -> {
          looks.incrementAndGet();
          try (Connection superuser = TestPostgres.superuserOf(address);
              Statement statement = superuser.createStatement()) {
            statement.execute("select 1 from secret_version for update nowait");
            try (ResultSet open =
                statement.executeQuery(
                    "select count(*) from pg_stat_activity where datname = current_database()"
                        + " and usename = 'zen_app' and state like 'idle in transaction%'")) {
              open.next();
              assertThat(open.getInt(1)).isZero();
            }
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
        };
    assertThat(rotation(new Watched(keyring, true, look)).rotate(ACTOR).rewrapped()).isEqualTo(6);
    assertThat(looks).hasValue(6);
  }

  @Test
  void K05_versionDestroyedWhileItsKeyIsWrappedAnew_staysDestroyed() throws SQLException {
    KeysetFile keyring = KeysetFile.openOrCreate(keyset, true);
    String old = keyring.kekId();
    int before = readable().size();
    AtomicInteger wraps = new AtomicInteger();
    Runnable destroying =
        () -> {
          if (wraps.getAndIncrement() > 0) {
            return;
          }
          try {
            TestPostgres.execute(
                TestPostgres.superuserOf(address),
                "update secret_version set state = 'destroyed', ended_at = now(), algorithm = null,"
                    + " kek_id = null, wrapped_key = null, ciphertext = null"
                    + " where tenant = 'acme' and secret = 'signing' and version = 1");
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
        };
    KekRotation.Progress progress = rotation(new Watched(keyring, true, destroying)).rotate(ACTOR);
    assertThat(progress.rewrapped()).isEqualTo(before - 1);
    assertThat(readable()).hasSize(before - 1).doesNotContainKey("acme/signing/1");
    nothingIsLeftOf(old);
  }

  /** A keyring and a trail whose every effect is a step. */
  private static Keyring killing(KillSwitch killer, Keyring keyring) {
    return new Keyring() {
      @Override
      public List<String> kekIds() {
        return keyring.kekIds();
      }

      @Override
      public String addCurrent() {
        return killer.step("keyset: add", keyring::addCurrent);
      }

      @Override
      public void destroy(String kekId) {
        killer.step(
            "keyset: destroy",
            () -> {
              keyring.destroy(kekId);
              return kekId;
            });
      }

      @Override
      public String kekId() {
        return keyring.kekId();
      }

      @Override
      public byte[] wrap(String kekId, SecretBytes dataKey, byte[] associatedData) {
        return killer.step("wrap", () -> keyring.wrap(kekId, dataKey, associatedData));
      }

      @Override
      public SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData) {
        return killer.step("unwrap", () -> keyring.unwrap(kekId, wrapped, associatedData));
      }
    };
  }

  private static AuditTrail killing(KillSwitch killer, AuditTrail trail) {
    return events ->
        killer.step(
            "record",
            () -> {
              trail.record(events);
              return events;
            });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void K05_F34_killedAtAnyStep_losesNothing_andGoesOnToTheEnd(boolean afterwards)
      throws SQLException {
    Map<String, String> values = readable();
    int killed = 0;
    for (int at = 1; ; at++) {
      String old = KeysetFile.openOrCreate(keyset, true).kekId();
      KillSwitch killer = new KillSwitch(at, afterwards);
      boolean finished = rotateUntilKilled(killer);
      assertThat(readable()).as("killed at step %d", at).isEqualTo(values);

      KeysetFile keyring = KeysetFile.openOrCreate(keyset, true);
      if (keyring.kekId().equals(old)) {
        assertThat(finished).isFalse();
        rotation(keyring).rotate(ACTOR);
      } else {
        rotation(keyring).proceed(ACTOR);
      }
      assertThat(readable()).as("resumed after step %d", at).isEqualTo(values);
      nothingIsLeftOf(old);
      if (finished) {
        break;
      }
      killed++;
    }
    // Statements of three tenants, commits, wraps, key files, records: far more than a handful.
    assertThat(killed).isGreaterThan(50);
  }

  private boolean rotateUntilKilled(KillSwitch killer) {
    Keyring keyring = killing(killer, KeysetFile.openOrCreate(keyset, true));
    try (HikariDataSource app = killer.pool(database.appPool());
        HikariDataSource fleet = killer.pool(database.fleetPool())) {
      KekRows rows = new KekRows(new TenantTx(app), new FleetRows(Jdbi.create(fleet)));
      Envelope envelope = new Envelope(new CountedWrapper(keyring, rows), new SecureRandom());
      new KekRotation(keyring, rows, envelope, killing(killer, trail), 2).rotate(ACTOR);
      return true;
    } catch (KillSwitch.Killed e) {
      return false;
    }
  }

  @Test
  void K05_keyThatSomethingIsUnder_cannotBeMarkedDestroyed() {
    String current = KeysetFile.openOrCreate(keyset, true).kekId();
    assertThat(database.kekStore().retire(current)).isFalse();
    // Nor by going round the question.
    TenantDoor door = new TenantDoor(database.tenantTx());
    assertThatThrownBy(() ->
            door.in(
                Name.SYSTEM,
                handle -> handle.execute("update kek set live = false where id = ?", current)))
        .isInstanceOf(StoreException.class);
  }

  @Test
  void K05_processWithTheOldKeysetInMemory_canSealNothingUnderTheDestroyedKey()
      throws SQLException {
    KeysetFile stale = KeysetFile.openOrCreate(keyset, true);
    Envelope staleEnvelope = envelope(stale);
    rotation(KeysetFile.openOrCreate(keyset, true)).rotate(ACTOR);
    Map<String, String> values = readable();
    Custodian late =
        new Custodian(
            database.secretStore(),
            staleEnvelope,
            trail,
            (ref, value) -> Optional.empty(),
            InstantSource.system());
    SecretRef ref = new SecretRef(new Name("acme"), new Name("signing"));
    assertThatThrownBy(() -> late.put(ACTOR, ref, bytes("too-late-value"), true, any -> true))
        .isInstanceOf(CustodyException.class)
        .hasMessageContaining("destroyed");
    assertThat(readable()).isEqualTo(values);
  }

  @Test
  void K05_keyThatThisDatabaseNeverUsed_isLeftAlone() {
    KeysetFile keyring = KeysetFile.openOrCreate(keyset, true);
    String old = keyring.kekId();
    keyring.addCurrent();
    String ofAnother = keyring.kekId();
    assertThat(rotation(keyring).rotate(ACTOR).destroyed()).containsExactly(old);
    assertThat(keyring.kekIds()).contains(ofAnother).hasSize(2);
    assertThat(rotation(keyring).proceed(ACTOR).destroyed()).isEmpty();
  }

  @Test
  void F32_trailAway_rotatesNothing() {
    KeysetFile keyring = KeysetFile.openOrCreate(keyset, true);
    String old = keyring.kekId();
    trail.away(true);
    assertThatThrownBy(() -> rotation(keyring).rotate(ACTOR))
        .isInstanceOf(AuditUnavailableException.class);
    assertThat(keyring.kekId()).isEqualTo(old);
  }

  @Test
  void K02_rewrappedKeyOfAnotherRow_doesNotOpen() throws SQLException {
    KeysetFile keyring = KeysetFile.openOrCreate(keyset, true);
    rotation(keyring).rotate(ACTOR);
    assertThat(readable()).isNotEmpty();
    TestPostgres.execute(
        TestPostgres.superuserOf(address),
        "update secret_version set wrapped_key = (select wrapped_key from secret_version"
            + " where tenant = 'globex') where tenant = 'acme' and version = 1");
    assertThatThrownBy(this::readable).hasMessageContaining("does not open under kek");
  }
}
