package io.zenmesh.controlplane.store.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.function.Supplier;

/**
 * Ends the work at its n-th step, as a kill of the process would: the connection is gone, nothing
 * after it runs, and no code of ours can catch it. A step is a statement, a commit, or whatever a
 * test hands to {@link #step}.
 */
final class KillSwitch {
  /** Nobody catches an error. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final int at;
  private final boolean afterwards;
  private int steps;

  /**
   * @param at the step that is the last, counted from 1
   * @param afterwards whether its effect is still had
   */
  KillSwitch(int at, boolean afterwards) {
    this.at = at;
    this.afterwards = afterwards;
  }

  int steps() {
    return steps;
  }

  <T> T step(Supplier<T> effect) {
    boolean last = ++steps == at;
    if (last && !afterwards) {
      throw new Killed();
    }
    T result = effect.get();
    if (last) {
      throw new Killed();
    }
    return result;
  }

  /** The same pool once more, with this switch in each of its connections. */
  HikariDataSource pool(HikariDataSource like) {
    HikariConfig config = new HikariConfig();
    like.copyStateTo(config);
    config.setPoolName(like.getPoolName() + "-killed");
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
              if (method.getName().equals("commit")) {
                return killing(connection, () -> invoke(connection, method, arguments));
              }
              Object result = invoke(connection, method, arguments);
              return result instanceof PreparedStatement statement
                  ? watched(connection, statement)
                  : result;
            });
  }

  private PreparedStatement watched(Connection connection, PreparedStatement statement) {
    return (PreparedStatement)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {PreparedStatement.class},
            (proxy, method, arguments) ->
                method.getName().startsWith("execute")
                    ? killing(connection, () -> invoke(statement, method, arguments))
                    : invoke(statement, method, arguments));
  }

  private interface Call {
    Object run() throws Throwable;
  }

  private Object killing(Connection connection, Call call) throws Throwable {
    boolean last = ++steps == at;
    if (last && !afterwards) {
      connection.abort(Runnable::run);
      throw new Killed();
    }
    Object result = call.run();
    if (last) {
      connection.abort(Runnable::run);
      throw new Killed();
    }
    return result;
  }

  private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
