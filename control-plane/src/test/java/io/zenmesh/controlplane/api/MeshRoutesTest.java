package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.apply.MeshWatch;
import io.zenmesh.controlplane.mesh.TestMesh;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the API answers to a whole mesh, and to its pieces where a file rules. */
class MeshRoutesTest extends ApiServerFixture {
  @Test
  void goodMesh_isAccepted() throws Exception {
    HttpResponse<String> response =
        send(operator(), mesh("", BodyPublishers.ofString(TestMesh.all())));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("{\"changes\":[],\"nodes\":0,\"behind\":[]}");
  }

  @Test
  void badMesh_tellsEveryProblem() throws Exception {
    HttpResponse<String> response =
        send(operator(), mesh("?file=my.yaml", BodyPublishers.ofString("kind: A\n---\nkind: B\n")));
    assertProblem(response, 422, "mesh_invalid");
    assertThat(response.body()).contains("my.yaml:1: A #1", "my.yaml:3: B #2");
  }

  @Test
  void fileLabel_isNeverRepeatedUnchecked() throws Exception {
    HttpResponse<String> response =
        send(operator(), mesh("?file=%3Cscript%3E", BodyPublishers.ofString("kind: A\n")));
    assertProblem(response, 400, "parameter_invalid");
    assertThat(response.body()).doesNotContain("script");
  }

  @Test
  void bodyOverTheLimit_isRefused() throws Exception {
    byte[] large = new byte[MeshWatch.MAX_BYTES + 1];
    Arrays.fill(large, (byte) '#');
    assertProblem(
        send(operator(), mesh("", BodyPublishers.ofByteArray(large))), 413, "body_too_large");
  }

  @Test
  void bodyThatIsNotText_isRefused() throws Exception {
    assertProblem(
        send(operator(), mesh("", BodyPublishers.ofByteArray(new byte[] {(byte) 0xff}))),
        400,
        "body_malformed");
  }

  @Test
  void bodyOfAnotherType_isRefused() throws Exception {
    assertProblem(
        send(
            operator(),
            request("/v1/mesh")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}"))),
        415,
        "content_type_unsupported");
  }

  @Test
  void storeAway_is503WithRetryAfter() throws Exception {
    storeAway = true;
    HttpResponse<String> response =
        send(operator(), mesh("", BodyPublishers.ofString(TestMesh.all())));
    assertProblem(response, 503, "store_unavailable");
    assertThat(response.headers().firstValue("Retry-After")).isEqualTo(Optional.of("2"));
  }

  @Test
  void publicationThatFailsAfterTheCommit_isNotCalledNoChange() throws Exception {
    stateAway = true;
    HttpResponse<String> response =
        send(operator(), mesh("", BodyPublishers.ofString(TestMesh.all())));
    assertProblem(response, 500, "publication_pending");
    assertThat(response.body()).contains("stored, not yet published").doesNotContain("nothing has");
  }

  @Test
  void whereAFileRules_nothingIsChangedPieceByPiece() throws Exception {
    assertProblem(
        send(
            operator(),
            request("/v1/tenants/acme/endpoints/x")
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString("{\"spec\":{}}"))),
        409,
        "managed_by_file");
    assertProblem(
        send(operator(), request("/v1/tenants/acme/endpoints/x").DELETE()), 409, "managed_by_file");
  }
}
