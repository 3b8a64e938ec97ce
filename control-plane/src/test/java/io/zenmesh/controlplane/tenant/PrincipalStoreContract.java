package io.zenmesh.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.tenant.PrincipalStore.Outcome;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What every store of principals keeps to. Tenants acme and globex are there, nobody is not. */
public abstract class PrincipalStoreContract {
  private static final Name ACME = new Name("acme");
  private static final Name GLOBEX = new Name("globex");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final SpiffeId ID = new SpiffeId("zen.test", "/tenant/acme/ci");

  /** A fresh one. */
  protected abstract PrincipalStore store();

  /** Of the same store. */
  protected abstract TenantStore tenants();

  private static <T> T in(Name tenant, Supplier<T> work) {
    return TenantContext.within(tenant, work);
  }

  private static Principal principal(String name, Role role) {
    return new Principal(new Name(name), role, Optional.empty());
  }

  private static ApiToken token(String id, String principal) {
    TokenDigest digest = TokenDigest.of(SecretBytes.copyOf(new byte[32]));
    return new ApiToken(
        id, new Name(principal), Role.VIEWER, digest, NOW, NOW.plusSeconds(60), Optional.empty());
  }

  private static boolean put(PrincipalStore store, Principal principal) {
    return store.put(principal, any -> true) == Outcome.DONE;
  }

  private static boolean delete(PrincipalStore store, Name name) {
    return store.delete(name, any -> true) == Outcome.DONE;
  }

  @Test
  void change_happensToWhatIsExpectedOnly() {
    PrincipalStore store = store();
    Principal editor = principal("ci", Role.EDITOR);
    Principal viewer = principal("ci", Role.VIEWER);
    Name ci = new Name("ci");
    assertThat(in(ACME, () -> store.put(editor, Optional::isPresent)))
        .isEqualTo(Outcome.UNEXPECTED);
    assertThat(in(ACME, () -> store.principal(ci))).isEmpty();
    assertThat(in(ACME, () -> store.put(editor, Optional::isEmpty))).isEqualTo(Outcome.DONE);
    assertThat(in(ACME, () -> store.put(viewer, it -> it.equals(Optional.of(viewer)))))
        .isEqualTo(Outcome.UNEXPECTED);
    assertThat(in(ACME, () -> store.delete(ci, viewer::equals))).isEqualTo(Outcome.UNEXPECTED);
    assertThat(in(ACME, () -> store.principal(ci))).hasValue(editor);
    assertThat(in(ACME, () -> store.delete(ci, editor::equals))).isEqualTo(Outcome.DONE);
    assertThat(in(ACME, () -> store.delete(ci, editor::equals))).isEqualTo(Outcome.ABSENT);
  }

  @Test
  void outsideOfAContext_nothingIsAnswered() {
    PrincipalStore store = store();
    assertThatThrownBy(() -> store.principals(Optional.empty(), 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tenant context: none (expected: a tenant)");
    assertThatThrownBy(() -> store.token("0000000000000000"))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void principals_areTheirTenantsOnly() {
    PrincipalStore store = store();
    assertThat(in(ACME, () -> put(store, principal("ci", Role.EDITOR)))).isTrue();
    assertThat(in(GLOBEX, () -> put(store, principal("ci", Role.OWNER)))).isTrue();
    assertThat(in(ACME, () -> store.principal(new Name("ci"))))
        .hasValue(principal("ci", Role.EDITOR));
    assertThat(in(GLOBEX, () -> delete(store, new Name("ci")))).isTrue();
    assertThat(in(GLOBEX, () -> delete(store, new Name("ci")))).isFalse();
    assertThat(in(ACME, () -> store.principal(new Name("ci")))).isPresent();
  }

  @Test
  void put_ofAnAbsentTenant_isRefused() {
    PrincipalStore store = store();
    assertThat(in(new Name("nobody"), () -> put(store, principal("ci", Role.EDITOR)))).isFalse();
    assertThat(in(new Name("nobody"), () -> tenants().exists())).isFalse();
    assertThat(in(ACME, () -> tenants().exists())).isTrue();
  }

  @Test
  void put_replaces() {
    PrincipalStore store = store();
    in(ACME, () -> put(store, principal("ci", Role.EDITOR)));
    Principal changed = new Principal(new Name("ci"), Role.VIEWER, Optional.of(ID));
    assertThat(in(ACME, () -> put(store, changed))).isTrue();
    assertThat(in(ACME, () -> store.principals(Optional.empty(), 10))).containsExactly(changed);
    assertThat(in(ACME, () -> store.bySpiffeId(ID))).hasValue(changed);
    assertThat(in(GLOBEX, () -> store.bySpiffeId(ID))).isEmpty();
  }

  @Test
  void spiffeId_isOnePrincipals() {
    PrincipalStore store = store();
    in(ACME, () -> put(store, new Principal(new Name("one"), Role.VIEWER, Optional.of(ID))));
    assertThat(
            in(ACME, () -> put(store, new Principal(new Name("two"), Role.OWNER, Optional.of(ID)))))
        .isFalse();
    assertThat(in(ACME, () -> store.principal(new Name("two")))).isEmpty();
    assertThat(
            in(
                GLOBEX,
                () -> put(store, new Principal(new Name("two"), Role.OWNER, Optional.of(ID)))))
        .isTrue();
  }

  @Test
  void lists_goOnBehindAPlace() {
    PrincipalStore store = store();
    for (String name : List.of("c", "a", "b")) {
      in(ACME, () -> put(store, principal(name, Role.VIEWER)));
    }
    assertThat(in(ACME, () -> store.principals(Optional.empty(), 2)))
        .extracting(it -> it.name().value())
        .containsExactly("a", "b");
    assertThat(in(ACME, () -> store.principals(Optional.of(new Name("b")), 2)))
        .extracting(it -> it.name().value())
        .containsExactly("c");
  }

  @Test
  void tokens_goWithTheirPrincipal() {
    PrincipalStore store = store();
    assertThat(in(ACME, () -> store.add(token("00000000000000aa", "ci")))).isFalse();
    in(ACME, () -> put(store, principal("ci", Role.EDITOR)));
    assertThat(in(ACME, () -> store.add(token("00000000000000aa", "ci")))).isTrue();
    assertThat(in(ACME, () -> store.token("00000000000000aa")).orElseThrow().digest().bytes())
        .isEqualTo(token("00000000000000aa", "ci").digest().bytes());
    assertThat(in(GLOBEX, () -> store.token("00000000000000aa"))).isEmpty();
    assertThat(in(GLOBEX, () -> store.tokens(Optional.empty(), 10))).isEmpty();
    in(ACME, () -> delete(store, new Name("ci")));
    assertThat(in(ACME, () -> store.token("00000000000000aa"))).isEmpty();
  }

  @Test
  void revocation_staysAsItWasFirst() {
    PrincipalStore store = store();
    in(ACME, () -> put(store, principal("ci", Role.EDITOR)));
    in(ACME, () -> store.add(token("00000000000000aa", "ci")));
    assertThat(in(GLOBEX, () -> store.revoke("00000000000000aa", NOW))).isFalse();
    assertThat(in(ACME, () -> store.token("00000000000000aa")).orElseThrow().revoked()).isEmpty();
    assertThat(in(ACME, () -> store.revoke("00000000000000aa", NOW))).isTrue();
    assertThat(in(ACME, () -> store.revoke("00000000000000aa", NOW.plusSeconds(5)))).isTrue();
    assertThat(in(ACME, () -> store.token("00000000000000aa")).orElseThrow().revoked())
        .hasValue(NOW);
  }
}
