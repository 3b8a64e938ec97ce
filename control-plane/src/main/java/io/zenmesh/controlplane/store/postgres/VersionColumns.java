package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.custody.SealedSecret;
import io.zenmesh.controlplane.custody.VersionState;
import io.zenmesh.controlplane.custody.VersionState.Destroyed;
import io.zenmesh.controlplane.custody.VersionState.Live;
import io.zenmesh.controlplane.custody.VersionState.Retired;
import io.zenmesh.controlplane.custody.VersionState.Revoked;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jdbi.v3.core.statement.Update;

/** The columns that say how far a version has come, and the sealed ones beside them. */
final class VersionColumns {
  /** To be set in an update; what ended keeps its window. */
  static final String ASSIGNMENTS =
      "state = :state, not_before = coalesce(:notBefore, not_before),"
          + " not_after = case when :state = 'live' then :notAfter else not_after end,"
          + " ended_at = :endedAt";

  private VersionColumns() {}

  static Update bind(Update update, VersionState state) {
    Optional<Instant> notBefore = Optional.empty();
    Optional<Instant> notAfter = Optional.empty();
    Optional<Instant> endedAt =
        switch (state) {
          case Live live -> {
            notBefore = Optional.of(live.notBefore());
            notAfter = live.notAfter();
            yield Optional.empty();
          }
          case Retired(Instant at) -> Optional.of(at);
          case Revoked(Instant at) -> Optional.of(at);
          case Destroyed(Instant at) -> Optional.of(at);
        };
    return update
        .bind("state", state.word())
        .bind("notBefore", stored(notBefore))
        .bind("notAfter", stored(notAfter))
        .bind("endedAt", stored(endedAt));
  }

  private static Optional<OffsetDateTime> stored(Optional<Instant> instant) {
    return instant.map(it -> it.atOffset(ZoneOffset.UTC));
  }

  static VersionState state(ResultSet row) throws SQLException {
    String state = row.getString("state");
    return switch (state) {
      case "live" -> new Live(instant(row, "not_before").orElseThrow(), instant(row, "not_after"));
      case "retired" -> new Retired(instant(row, "ended_at").orElseThrow());
      case "revoked" -> new Revoked(instant(row, "ended_at").orElseThrow());
      case "destroyed" -> new Destroyed(instant(row, "ended_at").orElseThrow());
      default -> throw new IllegalStateException("state: " + state + " (expected: a known one)");
    };
  }

  private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }

  static Optional<SealedSecret> sealed(ResultSet row) throws SQLException {
    byte[] ciphertext = row.getBytes("ciphertext");
    return ciphertext == null
        ? Optional.empty()
        : Optional.of(
            new SealedSecret(
                row.getString("algorithm"),
                row.getString("kek_id"),
                row.getBytes("wrapped_key"),
                ciphertext));
  }
}
