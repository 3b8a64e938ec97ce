package io.zenmesh.controlplane.store.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.GroupCommitTrail;
import io.zenmesh.controlplane.custody.CountedWrapper;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KekRotation;
import io.zenmesh.controlplane.custody.KeysetFile;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jdbi.v3.core.Jdbi;

/**
 * A process that changes the key-encryption key, over its own connections and on real files, and
 * stands still at one step until it is killed. Says {@code at}, or each step and {@code done}.
 */
final class KekRotationChild {
  private KekRotationChild() {}

  /** Stands still with everything open, as the process is at that moment. */
  private static final class StandStill extends KillSwitch {
    StandStill(int at, boolean afterwards) {
      super(at, afterwards);
    }

    @Override
    Killed end() {
      say("at " + steps().getLast());
      CountDownLatch never = new CountDownLatch(1);
      while (true) {
        try {
          never.await();
        } catch (InterruptedException killedSoon) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private static void say(String line) {
    System.out.println(line.replaceAll("\\s+", " "));
    System.out.flush();
  }

  /**
   * @param arguments database, credentials, keyset, the step (0 for none), whether after it
   */
  public static void main(String[] arguments) {
    PostgresAddress address = PostgresAddress.parse(arguments[0], Path.of(arguments[1]));
    KillSwitch killer =
        new StandStill(Integer.parseInt(arguments[3]), Boolean.parseBoolean(arguments[4]));
    String log;
    try (HikariDataSource audit = new HikariDataSource(config(address, Login.AUDIT))) {
      log = new PostgresAuditReader(Jdbi.create(audit)).reading(AuditView::log);
    }
    KeysetFile keyset =
        KeysetFile.openOrCreate(new SteppedFiles(killer).path(Path.of(arguments[2])), true);
    try (HikariDataSource app = killer.pool(config(address, Login.APP));
        HikariDataSource fleet = killer.pool(config(address, Login.FLEET));
        HikariDataSource audit = killer.pool(config(address, Login.AUDIT));
        GroupCommitTrail trail =
            new GroupCommitTrail(new PostgresAuditStore(audit, log, Clock.systemUTC()))) {
      KekRows rows = new KekRows(new TenantTx(app), new FleetRows(Jdbi.create(fleet)));
      Envelope envelope = new Envelope(new CountedWrapper(keyset, rows), new SecureRandom());
      var unused = new KekRotation(keyset, rows, envelope, trail, 2).rotate(Actor.system("test"));
    }
    List<String> steps = killer.steps();
    steps.forEach(KekRotationChild::say);
    say("done");
  }

  private static HikariConfig config(PostgresAddress address, Login login) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(login.role());
    config.setJdbcUrl(address.url());
    config.setDataSourceProperties(address.properties(login));
    config.setMaximumPoolSize(2);
    config.setMinimumIdle(0);
    return config;
  }
}
