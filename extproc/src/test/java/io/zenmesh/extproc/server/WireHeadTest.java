package io.zenmesh.extproc.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.zenmesh.extproc.pipeline.ClientCertificate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WireHeadTest {
  private static final String URI = "spiffe://acme.test/sender";

  @Test
  void clientCertificate_isWhatEnvoySaysOfTheConnection() {
    Struct attributes =
        Struct.newBuilder()
            .putFields("connection.mtls", Value.newBuilder().setBoolValue(true).build())
            .putFields("connection.uri_san_peer_certificate", text(URI))
            .putFields("connection.dns_san_peer_certificate", text(""))
            .build();
    assertThat(new WireHead(HeaderMap.getDefaultInstance(), attributes).client())
        .isEqualTo(new ClientCertificate(true, Optional.of(URI), Optional.empty()));
  }

  @Test
  void E06_clientCertificate_isNeverReadFromAHeader() {
    List<HeaderValue> headers =
        List.of(
            header("x-forwarded-client-cert", "By=x;URI=" + URI),
            header("client-cert", ":AA==:"),
            header("connection.mtls", "true"));
    assertThat(
            new WireHead(
                    HeaderMap.newBuilder().addAllHeaders(headers).build(),
                    Struct.getDefaultInstance())
                .client())
        .isEqualTo(ClientCertificate.NONE);
  }

  @Test
  void namesWithoutACertificate_countForNothing() {
    Struct attributes =
        Struct.newBuilder()
            .putFields("connection.mtls", text("true"))
            .putFields("connection.uri_san_peer_certificate", text(URI))
            .build();
    assertThat(new WireHead(HeaderMap.getDefaultInstance(), attributes).client())
        .isEqualTo(ClientCertificate.NONE);
  }

  @Test
  void size_countsEachFieldAndTheBytesOfEither() {
    HeaderMap fields =
        HeaderMap.newBuilder()
            .addHeaders(header("a", "12"))
            .addHeaders(header("a", ""))
            .addHeaders(
                HeaderValue.newBuilder().setKey("raw").setRawValue(ByteString.fromHex("fffe00")))
            .build();
    WireHead head = new WireHead(fields, Struct.getDefaultInstance());
    assertThat(head.fieldCount()).isEqualTo(3);
    assertThat(head.fieldBytes()).isEqualTo(1 + 2 + 1 + 3 + 3);
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  private static HeaderValue header(String name, String value) {
    return HeaderValue.newBuilder().setKey(name).setValue(value).build();
  }
}
