package io.zenmesh.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
  private static final Name ACME = new Name("acme");
  private static final Name CI = new Name("ci");

  private final MemoryPrincipals store = new MemoryPrincipals("acme", "globex");
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Credentials credentials = new Credentials(store, new SecureRandom(), () -> now);

  @BeforeEach
  void principals() {
    TenantContext.within(
        ACME, () -> store.put(new Principal(CI, Role.EDITOR, Optional.empty()), any -> true));
  }

  private String issue(Role role) {
    return TenantContext.within(
        ACME,
        () -> {
          try (Credentials.Issued issued =
              credentials.issue(CI, role, Duration.ofHours(1)).orElseThrow()) {
            return new String(
                issued.text().copy(SecretAccess.granted()), StandardCharsets.US_ASCII);
          }
        });
  }

  private String refusal(String token) {
    return switch (credentials.ofToken(token)) {
      case Credentials.Proof.Nothing nothing -> nothing.reason();
      case Credentials.Proof.Proved proved -> "proved " + proved.member();
    };
  }

  private Caller.Member member(String token) {
    assertThat(credentials.ofToken(token)).isInstanceOf(Credentials.Proof.Proved.class);
    return ((Credentials.Proof.Proved) credentials.ofToken(token)).member();
  }

  @Test
  void issuedToken_provesItsPrincipalInItsTenant() {
    String token = issue(Role.VIEWER);
    assertThat(token).matches("zent_acme\\.[0-9a-f]{16}\\.[A-Za-z0-9_-]{43}");
    Caller.Member member = member(token);
    assertThat(member.tenant()).isEqualTo(ACME);
    assertThat(member.name()).isEqualTo(CI);
    assertThat(member.role()).isEqualTo(Role.VIEWER);
    assertThat(token).contains(member.credential().substring("token/".length()));
  }

  @Test
  void role_isNeverAboveThePrincipals_alsoLater() {
    String token = issue(Role.EDITOR);
    TenantContext.within(
        ACME, () -> store.put(new Principal(CI, Role.VIEWER, Optional.empty()), any -> true));
    assertThat(member(token).role()).isEqualTo(Role.VIEWER);
    TenantContext.within(ACME, () -> store.delete(CI, any -> true));
    assertThat(refusal(token)).isEqualTo("token_unknown");
  }

  @Test
  void textOfAnotherTenant_opensNothingAnywhere() {
    String token = issue(Role.VIEWER);
    assertThat(refusal(token.replace("zent_acme.", "zent_globex."))).isEqualTo("token_unknown");
    assertThat(refusal(token.replace("zent_acme.", "zent_nobody."))).isEqualTo("token_unknown");
  }

  @Test
  void everyChangedCharacter_opensNothing() {
    String token = issue(Role.VIEWER);
    List<String> opened = new ArrayList<>();
    for (int i = 0; i < token.length(); i++) {
      for (char other : "a0-.B_ ".toCharArray()) {
        String changed = token.substring(0, i) + other + token.substring(i + 1);
        if (!changed.equals(token)
            && credentials.ofToken(changed) instanceof Credentials.Proof.Proved) {
          opened.add(changed);
        }
      }
    }
    assertThat(opened).isEmpty();
    assertThat(credentials.ofToken(token)).isInstanceOf(Credentials.Proof.Proved.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "zent_acme",
        "zent_ACME.0000000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "zent_acme.0000000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
        "zent_acme.0000000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "zent_acme.0000000000000000.AAAA",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."
      })
  void malformedText_isNoToken(String text) {
    assertThat(refusal(text)).isEqualTo("token_malformed");
  }

  @Test
  void expiry_isExact() {
    String token = issue(Role.VIEWER);
    now = now.plus(Duration.ofHours(1)).minusNanos(1);
    assertThat(member(token).name()).isEqualTo(CI);
    now = now.plusNanos(1);
    assertThat(refusal(token)).isEqualTo("token_expired");
  }

  @Test
  void revokedToken_opensNothingAtOnce() {
    String token = issue(Role.VIEWER);
    String id = token.split("\\.", -1)[1];
    TenantContext.within(ACME, () -> store.revoke(id, now));
    assertThat(refusal(token)).isEqualTo("token_revoked");
  }

  @Test
  void life_hasBounds() {
    for (Duration life : List.of(Duration.ofSeconds(59), Duration.ofDays(367), Duration.ZERO)) {
      assertThatThrownBy(
              () -> TenantContext.within(ACME, () -> credentials.issue(CI, Role.VIEWER, life)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void textIsKeptNowhere() {
    String token = issue(Role.VIEWER);
    String secret = token.substring(token.lastIndexOf('.') + 1);
    ApiToken kept = TenantContext.within(ACME, () -> store.tokens(Optional.empty(), 10)).getFirst();
    assertThat(kept.toString()).doesNotContain(secret);
    assertThat(kept.digest().bytes()).hasSize(32);
  }

  @Test
  void certificate_provesThePrincipalThatNamesIt() {
    SpiffeId id = new SpiffeId("zen.test", "/tenant/acme/ci");
    assertThat(credentials.ofCertificate(id)).isInstanceOf(Credentials.Proof.Nothing.class);
    TenantContext.within(
        ACME, () -> store.put(new Principal(CI, Role.EDITOR, Optional.of(id)), any -> true));
    assertThat(credentials.ofCertificate(id))
        .isEqualTo(
            new Credentials.Proof.Proved(new Caller.Member(ACME, CI, Role.EDITOR, "certificate")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/operator/admin",
        "/tenant/acme",
        "/tenant/ACME/ci",
        "/cluster/c/envoy/e",
        "/tenant",
        ""
      })
  void certificateThatNamesNoTenant_provesNothing(String path) {
    assertThat(credentials.ofCertificate(new SpiffeId("zen.test", path)))
        .isInstanceOf(Credentials.Proof.Nothing.class);
  }
}
