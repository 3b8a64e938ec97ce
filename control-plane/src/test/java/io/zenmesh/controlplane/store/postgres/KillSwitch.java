package io.zenmesh.controlplane.store.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Ends the work at its n-th step, as a kill of the process would: the connection is gone, nothing
 * after it runs, and no code of ours can catch it. A step is a statement, a commit, or whatever a
 * test hands to {@link #step}. A child process waits there for its real end instead.
 */
class KillSwitch {
  /** Nobody catches an error. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static final Set<String> ENDS = Set.of("commit", "rollback");

  private final int at;
  private final boolean afterwards;
  private final List<String> steps = new ArrayList<>();

  /**
   * @param at the step that is the last, counted from 1
   * @param afterwards whether its effect is still had
   */
  KillSwitch(int at, boolean afterwards) {
    this.at = at;
    this.afterwards = afterwards;
  }

  /** What was done so far, the last step included. */
  final synchronized List<String> steps() {
    return List.copyOf(steps);
  }

  /** Is the end: does not return. */
  Killed end() {
    throw new Killed();
  }

  /** Some work that may fail as it likes. */
  interface Effect<T, X extends Throwable> {
    T run() throws X;
  }

  /**
   * @param name what is done, for people
   */
  final <T, X extends Throwable> T step(String name, Effect<T, X> effect) throws X {
    boolean last = isLast(name);
    if (last && !afterwards) {
      throw end();
    }
    T result = effect.run();
    if (last) {
      throw end();
    }
    return result;
  }

  private synchronized boolean isLast(String name) {
    steps.add(name);
    return steps.size() == at;
  }

  /** The same pool once more, with this switch in each of its connections. */
  HikariDataSource pool(HikariDataSource like) {
    HikariConfig config = new HikariConfig();
    like.copyStateTo(config);
    return pool(config);
  }

  /** A pool with this switch in each of its connections. */
  final HikariDataSource pool(HikariConfig config) {
    config.setPoolName(config.getPoolName() + "-killed");
    config.setMinimumIdle(0);
    return new Killable(config, this);
  }

  private static final class Killable extends HikariDataSource {
    private final KillSwitch killer;

    Killable(HikariConfig config, KillSwitch killer) {
      super(config);
      this.killer = killer;
    }

    @Override
    public Connection getConnection() throws SQLException {
      return killer.watched(super.getConnection());
    }
  }

  private Connection watched(Connection connection) {
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (ENDS.contains(method.getName())) {
                return killing(
                    connection, method.getName(), () -> invoke(connection, method, arguments));
              }
              Object result = invoke(connection, method, arguments);
              return result instanceof PreparedStatement statement
                  ? watched(connection, statement, String.valueOf(arguments[0]))
                  : result;
            });
  }

  private PreparedStatement watched(
      Connection connection, PreparedStatement statement, String sql) {
    return (PreparedStatement)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {PreparedStatement.class},
            (proxy, method, arguments) ->
                method.getName().startsWith("execute")
                    ? killing(connection, sql, () -> invoke(statement, method, arguments))
                    : invoke(statement, method, arguments));
  }

  private Object killing(Connection connection, String name, Effect<Object, Throwable> effect)
      throws Throwable {
    try {
      return step(name, effect);
    } catch (Killed e) {
      connection.abort(Runnable::run);
      throw e;
    }
  }

  private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
