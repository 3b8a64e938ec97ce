package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.mesh.EndpointSpec;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.SchemeSettings;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Dry run, scheme settings and verify token of an endpoint: columns of its row. */
final class SettingsRows {
  private SettingsRows() {}

  /** Writes them into the row, which must be there. */
  static void write(Handle handle, EndpointSpec endpoint) {
    SchemeSettings settings = endpoint.policy().settings();
    handle
        .createUpdate(
            """
            update endpoint set enforce = :enforce, scheme_definition = :definition,
                topic_arns = :topicArns, auto_confirm = :autoConfirm,
                handshake_until = :handshakeUntil, webhook_origins = :webhookOrigins,
                verify_token_secret = :verifyToken
              where tenant = :tenant and name = :name
            """)
        .bind("tenant", endpoint.tenant().value())
        .bind("name", endpoint.name().value())
        .bind("enforce", endpoint.policy().enforce())
        .bind("definition", settings.definition())
        .bindArray("topicArns", String.class, settings.topicArns())
        .bind("autoConfirm", settings.autoConfirm())
        .bind("handshakeUntil", settings.handshakeUntil().map(it -> it.atOffset(ZoneOffset.UTC)))
        .bindArray("webhookOrigins", String.class, settings.webhookOrigins())
        .bind("verifyToken", endpoint.verifyToken().map(Name::value))
        .execute();
  }

  static SchemeSettings read(ResultSet row) throws SQLException {
    return new SchemeSettings(
        Optional.ofNullable(row.getString("scheme_definition")),
        texts(row, "topic_arns"),
        row.getBoolean("auto_confirm"),
        instant(row),
        texts(row, "webhook_origins"));
  }

  static Optional<Name> verifyToken(ResultSet row) throws SQLException {
    return Optional.ofNullable(row.getString("verify_token_secret")).map(Name::new);
  }

  private static Optional<Instant> instant(ResultSet row) throws SQLException {
    return Optional.ofNullable(row.getObject("handshake_until", OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }

  private static List<String> texts(ResultSet row, String column) throws SQLException {
    return List.of((String[]) row.getArray(column).getArray());
  }
}
