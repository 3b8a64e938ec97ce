package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.apply.StoreException;
import java.sql.SQLException;
import org.jdbi.v3.core.JdbiException;

/** Turns what the driver throws into the one exception callers know, without data in its text. */
final class Failures {
  private static final String FOREIGN_KEY = "23503";

  private Failures() {}

  /** Work that may fail as the driver does. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws SQLException;
  }

  static <T> T translated(Work<T> work) {
    try {
      return work.run();
    } catch (SQLException e) {
      throw new StoreException("database: " + reason(e), e);
    } catch (JdbiException e) {
      throw new StoreException("database: " + reason(e), e);
    }
  }

  /** Whether a row is still referred to, or refers to what is not there. */
  static boolean isForeignKey(StoreException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && FOREIGN_KEY.equals(sql.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  /** The innermost cause in one line; statements and their values never appear in it. */
  static String reason(Throwable failure) {
    Throwable cause = failure;
    SQLException sql = null;
    while (cause != null) {
      if (cause instanceof SQLException found) {
        sql = found;
      }
      cause = cause.getCause();
    }
    if (sql == null) {
      return failure.getClass().getSimpleName();
    }
    String state = sql.getSQLState() == null ? "" : " (SQLSTATE " + sql.getSQLState() + ")";
    String message = String.valueOf(sql.getMessage());
    int end = message.indexOf('\n');
    return (end < 0 ? message : message.substring(0, end)) + state;
  }
}
