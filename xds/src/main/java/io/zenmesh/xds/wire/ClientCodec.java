package io.zenmesh.xds.wire;

import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.wire.v1.EndpointPolicy;
import io.zenmesh.xds.wire.v1.EndpointPolicy.ClientMtls;

/** Translates what a policy says of client certificates; as strict as {@link PolicyCodec}. */
final class ClientCodec {
  private ClientCodec() {}

  static void encode(ClientRequirement client, EndpointPolicy.Builder wire) {
    wire.setClientMtls(encode(client.mtls()))
        .addAllClientSpiffeIds(client.spiffeIds())
        .addAllClientSans(client.sans());
  }

  static ClientRequirement decode(EndpointPolicy wire) {
    for (String id : wire.getClientSpiffeIdsList()) {
      if (SpiffeId.parse(id).filter(parsed -> !parsed.path().isEmpty()).isEmpty()) {
        throw PolicyCodec.malformed("client_spiffe_ids", "malformed", "spiffe://domain/path");
      }
    }
    for (String san : wire.getClientSansList()) {
      if (!ClientRequirement.isDnsName(san)) {
        throw PolicyCodec.malformed("client_sans", "malformed", "DNS names in lower case");
      }
    }
    return new ClientRequirement(
        mtls(wire), wire.getClientSpiffeIdsList(), wire.getClientSansList());
  }

  private static ClientMtls encode(Mtls value) {
    return switch (value) {
      case NONE -> ClientMtls.CLIENT_MTLS_NONE;
      case OPTIONAL -> ClientMtls.CLIENT_MTLS_OPTIONAL;
      case REQUIRED -> ClientMtls.CLIENT_MTLS_REQUIRED;
    };
  }

  private static Mtls mtls(EndpointPolicy wire) {
    return switch (wire.getClientMtls()) {
      case CLIENT_MTLS_NONE -> Mtls.NONE;
      case CLIENT_MTLS_OPTIONAL -> Mtls.OPTIONAL;
      case CLIENT_MTLS_REQUIRED -> Mtls.REQUIRED;
      case CLIENT_MTLS_UNSPECIFIED, UNRECOGNIZED ->
          throw PolicyCodec.malformed(
              "client_mtls",
              String.valueOf(wire.getClientMtlsValue()),
              "none, optional or required");
    };
  }
}
