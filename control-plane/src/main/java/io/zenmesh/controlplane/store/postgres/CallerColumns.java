package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.mesh.EndpointSpec;
import io.zenmesh.controlplane.mesh.EndpointSpec.Callers;
import io.zenmesh.xds.model.Cidr;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.RateLimit;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.Update;

/** The columns of an endpoint that say who may call it, and how often. */
final class CallerColumns {
  /** To be set in an update. No element of a list holds a blank. */
  static final String ASSIGNMENTS =
      "client_mtls = :clientMtls, client_ca = :clientCa,"
          + " client_spiffe_ids = string_to_array(:clientSpiffeIds, ' '),"
          + " client_sans = string_to_array(:clientSans, ' '),"
          + " rate_requests = :rateRequests, rate_seconds = :rateSeconds, rate_burst = :rateBurst,"
          + " allow_from = string_to_array(:allowFrom, ' ')";

  private CallerColumns() {}

  static Update bind(Update update, EndpointSpec endpoint) {
    ClientRequirement client = endpoint.policy().client();
    Callers callers = endpoint.callers();
    return update
        .bind("clientMtls", client.mtls().name().toLowerCase(Locale.ROOT))
        .bind("clientCa", callers.clientCa().map(Name::value))
        .bind("clientSpiffeIds", String.join(" ", client.spiffeIds()))
        .bind("clientSans", String.join(" ", client.sans()))
        .bind("rateRequests", callers.rateLimit().map(RateLimit::requests))
        .bind("rateSeconds", callers.rateLimit().map(it -> it.per().seconds()))
        .bind("rateBurst", callers.rateLimit().map(RateLimit::burst))
        .bind(
            "allowFrom",
            callers.allowFrom().stream().map(Cidr::toString).collect(Collectors.joining(" ")));
  }

  static ClientRequirement client(ResultSet row) throws SQLException {
    return new ClientRequirement(
        Mtls.valueOf(row.getString("client_mtls").toUpperCase(Locale.ROOT)),
        texts(row, "client_spiffe_ids"),
        texts(row, "client_sans"));
  }

  static Callers callers(ResultSet row) throws SQLException {
    return new Callers(
        Optional.ofNullable(row.getString("client_ca")).map(Name::new),
        rateLimit(row),
        texts(row, "allow_from").stream().map(text -> Cidr.parse(text).orElseThrow()).toList());
  }

  private static Optional<RateLimit> rateLimit(ResultSet row) throws SQLException {
    int requests = row.getInt("rate_requests");
    if (row.wasNull()) {
      return Optional.empty();
    }
    RateLimit.Per per =
        row.getInt("rate_seconds") == RateLimit.Per.SECOND.seconds()
            ? RateLimit.Per.SECOND
            : RateLimit.Per.MINUTE;
    return Optional.of(new RateLimit(requests, per, row.getInt("rate_burst")));
  }

  private static List<String> texts(ResultSet row, String column) throws SQLException {
    return List.of((String[]) row.getArray(column).getArray());
  }
}
