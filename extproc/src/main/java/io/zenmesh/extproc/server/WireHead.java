package io.zenmesh.extproc.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.zenmesh.extproc.pipeline.ClientCertificate;
import io.zenmesh.extproc.pipeline.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The head of a request, read from Envoy's message only where asked.
 *
 * @param fields in order, names in lower case
 * @param attributes of the request, by name
 */
record WireHead(HeaderMap fields, Struct attributes) implements RequestHead {
  private static final String FILTER = "envoy.filters.http.ext_proc";
  private static final String ROUTE_NAME = "xds.route_name";
  private static final String CLIENT_SHOWN = "connection.mtls";
  private static final String CLIENT_URI = "connection.uri_san_peer_certificate";
  private static final String CLIENT_DNS = "connection.dns_san_peer_certificate";

  static WireHead of(ProcessingRequest message) {
    return new WireHead(
        message.getRequestHeaders().getHeaders(),
        message.getAttributesOrDefault(FILTER, Struct.getDefaultInstance()));
  }

  /** The {@code :status} of a response; 0 when absent, repeated or not a number. */
  static int status(ProcessingRequest message) {
    List<String> values =
        new WireHead(message.getResponseHeaders().getHeaders(), Struct.getDefaultInstance())
            .header(":status");
    String text = values.size() == 1 ? values.getFirst() : "";
    boolean threeDigits = text.length() == 3 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return threeDigits ? Integer.parseInt(text) : 0;
  }

  @Override
  public Optional<String> routeName() {
    return text(ROUTE_NAME);
  }

  @Override
  public ClientCertificate client() {
    boolean shown =
        attributes.getFieldsOrDefault(CLIENT_SHOWN, Value.getDefaultInstance()).getBoolValue();
    return shown
        ? new ClientCertificate(true, text(CLIENT_URI), text(CLIENT_DNS))
        : ClientCertificate.NONE;
  }

  private Optional<String> text(String attribute) {
    String text =
        attributes.getFieldsOrDefault(attribute, Value.getDefaultInstance()).getStringValue();
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  @Override
  public List<String> header(String lowerCaseName) {
    List<String> values = List.of();
    // By index: this is asked about ten times a request, and an iterator each time shows.
    for (int i = 0; i < fields.getHeadersCount(); i++) {
      HeaderValue field = fields.getHeaders(i);
      if (field.getKey().equals(lowerCaseName)) {
        String value = text(field);
        if (values.isEmpty()) {
          values = List.of(value);
        } else {
          values = new ArrayList<>(values);
          values.add(value);
        }
      }
    }
    return values;
  }

  @Override
  public int fieldCount() {
    return fields.getHeadersCount();
  }

  @Override
  public long fieldBytes() {
    long bytes = 0;
    for (int i = 0; i < fields.getHeadersCount(); i++) {
      HeaderValue field = fields.getHeaders(i);
      // A name is ASCII, or Envoy would have refused it.
      bytes += field.getKey().length() + bytes(field).size();
    }
    return bytes;
  }

  private static ByteString bytes(HeaderValue field) {
    ByteString bytes = field.getRawValue();
    return bytes.isEmpty() ? field.getValueBytes() : bytes;
  }

  private static String text(HeaderValue field) {
    return bytes(field).toString(StandardCharsets.ISO_8859_1);
  }
}
