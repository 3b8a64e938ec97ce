package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.controlplane.tenant.Role;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PostgresExtension.class)
class SecretRoutesTest {
  private static final String SECRETS = "/v1/tenants/acme/secrets";

  @TempDir static Path folder;
  private static TestApi api;

  @BeforeAll
  static void start() {
    api = new TestApi(folder, TestPostgres.freshDatabase());
  }

  @AfterAll
  static void end() {
    api.close();
  }

  private static HttpResponse<String> value(Role role, String method, String path, String value) {
    HttpRequest.Builder request =
        api.request(method, path, Optional.empty())
            .method(method, BodyPublishers.ofString(value))
            .header("Content-Type", "application/octet-stream")
            .header("Authorization", "Bearer " + api.token("acme", role));
    return api.sendAnonymously(request);
  }

  @Test
  void secretPutRotatedRevokedAndDestroyed_isToldStepByStep_andNeverShown() {
    HttpResponse<String> put = value(Role.EDITOR, "PUT", SECRETS + "/partner", "canary-value-one");
    assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
    assertThat(put.body()).contains("\"name\":\"partner\"", "\"state\":\"live\"");
    HttpResponse<String> rotated =
        value(Role.EDITOR, "POST", SECRETS + "/partner/rotate?overlap=1h", "canary-value-two");
    assertThat(rotated.body()).contains("\"notAfter\":\"");
    String first = put.body().replaceAll(".*\"version\":([0-9]+),\"nodes.*", "$1");
    String admin = api.token("acme", Role.ADMIN);
    String version = SECRETS + "/partner/versions/" + first;
    assertThat(api.with(admin, "POST", version + "/destroy").body()).contains("still_live");
    assertThat(api.with(admin, "POST", version + "/revoke").body()).contains("revoked");
    assertThat(api.with(admin, "POST", version + "/destroy").body()).contains("destroyed");
    HttpResponse<String> listed = api.with(admin, "GET", SECRETS);
    assertThat(listed.body()).contains("partner", "destroyed").doesNotContain("canary", "zen-root");
    assertThat(api.with(admin, "GET", SECRETS + "/signing/status").body())
        .contains("\"resource\":\"acme/zen\"");
    assertThat(api.with(admin, "GET", SECRETS + "/nothing/status").statusCode()).isEqualTo(404);
  }

  @Test
  void valueThatDoesNotSuitTheEndpoint_isRefusedAndNotRepeated() {
    HttpResponse<String> refused =
        value(Role.EDITOR, "POST", SECRETS + "/signing/rotate", "canary-is-no-zen-key");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body())
        .contains("value_unfit", "endpoint acme/zen")
        .doesNotContain("canary");
    HttpResponse<String> rotated =
        value(Role.EDITOR, "POST", SECRETS + "/signing/rotate", TestMesh.zenKey(7));
    assertThat(rotated.statusCode()).as(rotated.body()).isEqualTo(200);
  }

  @Test
  void H01_otherTenantAndOtherRoles_getNothing() {
    String viewer = api.token("acme", Role.VIEWER);
    assertThat(api.with(viewer, "GET", SECRETS).statusCode()).isEqualTo(403);
    String foreign = api.token("globex", Role.OWNER);
    assertThat(api.with(foreign, "GET", SECRETS).statusCode()).isEqualTo(404);
    assertThat(api.with(foreign, "POST", SECRETS + "/signing/versions/1/revoke").body())
        .isEqualTo(api.with(foreign, "POST", SECRETS + "/absent/versions/1/revoke").body());
    assertThat(api.with(foreign, "GET", "/v1/keks").statusCode()).isEqualTo(403);
  }

  @Test
  void keyIsIssuedOnce_withItsId_andListedWithoutItself() {
    String admin = api.token("acme", Role.ADMIN);
    HttpResponse<String> issued =
        api.with(admin, "POST", "/v1/tenants/acme/keys/edge-local/ingress");
    assertThat(issued.statusCode()).as(issued.body()).isEqualTo(201);
    assertThat(issued.body()).matches("zenk1_[A-Za-z0-9_-]{43}");
    assertThat(issued.headers().firstValue("X-Zen-Key-Id")).hasValue("acme.edge-local.1");
    HttpResponse<String> listed = api.with(admin, "GET", "/v1/tenants/acme/keys");
    assertThat(listed.body())
        .contains("\"cluster\":\"edge-local\"", "\"purpose\":\"ingress\"")
        .doesNotContain("zenk1_");
    assertThat(
            api.with(admin, "POST", "/v1/tenants/acme/keys/edge-local/ingress/versions/1/revoke")
                .body())
        .contains("revoked");
    assertThat(api.with(admin, "POST", "/v1/tenants/acme/keys/elsewhere/ingress").statusCode())
        .isEqualTo(404);
    assertThat(api.with(admin, "POST", "/v1/tenants/acme/keys/edge-local/other").statusCode())
        .isEqualTo(404);
  }

  @Test
  void operator_rotatesTheKek() {
    HttpResponse<String> before = api.operator("GET", "/v1/keks");
    assertThat(before.body()).contains("\"current\":true");
    HttpResponse<String> rotated = api.operator("POST", "/v1/keks/rotate");
    assertThat(rotated.statusCode()).as(rotated.body()).isEqualTo(200);
    assertThat(rotated.body()).contains("\"destroyed\":[\"");
    HttpResponse<String> put =
        value(Role.EDITOR, "PUT", SECRETS + "/after", "value-after-rotation");
    assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
  }
}
