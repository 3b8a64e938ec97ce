package io.zenmesh.xds.resource;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import java.util.List;

/**
 * The headers by which the gateway tells what it verified, and the rule that keeps a client from
 * setting them.
 *
 * <p>The whole {@code x-zen-} prefix is ours. Envoy removes it from each request before anything
 * else sees the request, save {@link #SIGNATURE}, which the verifier needs as it was sent.
 */
public final class ResultHeaders {
  /** The tenant whose endpoint was called. */
  public static final String TENANT = "x-zen-tenant";

  /** The endpoint, by its name within the tenant. */
  public static final String ENDPOINT = "x-zen-endpoint";

  /** The id of the event, equal for each delivery of the same message. */
  public static final String EVENT_ID = "x-zen-event-id";

  /** {@code true}, and only after the signature was verified. */
  public static final String VERIFIED = "x-zen-verified";

  /**
   * The verdict of an endpoint in dry run: {@code verified}, or {@code refused:} and the reason's
   * code. Never beside {@link #VERIFIED}.
   */
  public static final String VERDICT = "x-zen-verdict";

  /** What {@link #VERDICT} may be; the egress Envoy forwards nothing else as a dry run. */
  public static final String VERDICT_VALUES = "verified|refused:[a-z_]+";

  /** Reserved: which of the endpoint's keys verified the message. */
  public static final String KEY_ID = "x-zen-key-id";

  /** The prefix that only the gateway may set. */
  public static final String PREFIX = "x-zen-";

  /** The one header under the prefix that a client sends: its signature. */
  public static final String SIGNATURE = "x-zen-signature";

  /** Every result header. */
  public static final List<String> ALL =
      List.of(TENANT, ENDPOINT, EVENT_ID, VERIFIED, VERDICT, KEY_ID);

  /**
   * What is removed from a client's request: each name under the prefix other than {@link
   * #SIGNATURE}. RE2 has no look-ahead, so the exception is spelled out letter by letter.
   */
  static final String STRIPPED =
      "x-zen-([^s].*|s([^i].*|i([^g].*|g([^n].*|n([^a].*|a([^t].*|t([^u].*|u([^r].*|r([^e].*"
          + "|e.+)?)?)?)?)?)?)?)?)?";

  /**
   * A proxy's claims about a client certificate (RFC 9440): we are the first proxy, so none is
   * true.
   */
  static final List<String> CERTIFICATE_CLAIMS = List.of("client-cert", "client-cert-chain");

  private static final String MUTATION =
      "type.googleapis.com/"
          + "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation";

  private ResultHeaders() {}

  /**
   * The early header mutation that removes {@link #STRIPPED} and {@link #CERTIFICATE_CLAIMS}.
   *
   * <p>A TypedStruct, because {@code remove_on_match} is newer than the proto classes.
   */
  static TypedExtensionConfig stripRule() {
    ListValue.Builder mutations =
        ListValue.newBuilder()
            .addValues(
                object(
                    "remove_on_match",
                    object("key_matcher", object("safe_regex", object("regex", text(STRIPPED))))));
    CERTIFICATE_CLAIMS.forEach(name -> mutations.addValues(object("remove", text(name))));
    TypedStruct rule =
        TypedStruct.newBuilder()
            .setTypeUrl(MUTATION)
            .setValue(
                Struct.newBuilder()
                    .putFields("mutations", Value.newBuilder().setListValue(mutations).build()))
            .build();
    return TypedExtensionConfig.newBuilder()
        .setName("envoy.http.early_header_mutation.header_mutation")
        .setTypedConfig(Any.pack(rule))
        .build();
  }

  private static Value object(String field, Value value) {
    return Value.newBuilder().setStructValue(Struct.newBuilder().putFields(field, value)).build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
