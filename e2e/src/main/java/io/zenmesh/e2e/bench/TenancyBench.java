package io.zenmesh.e2e.bench;

import io.zenmesh.controlplane.store.postgres.Database;
import io.zenmesh.controlplane.tenant.PrincipalStore;
import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.HarnessException;
import io.zenmesh.e2e.harness.LoneDatabase;
import io.zenmesh.e2e.harness.StateDirectory;
import io.zenmesh.xds.model.Name;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code ./zen bench tenancy}: what a tenant's transaction costs beyond a plain one, and how long
 * it takes to read one tenant's rows out of a million.
 *
 * <p>Exit status 0 when it was measured, whatever the numbers: a machine under load is no error.
 */
@Command(
    name = "bench tenancy",
    mixinStandardHelpOptions = true,
    description = "Measures transactions of one tenant and reading its rows; about a minute.")
public final class TenancyBench implements Callable<Integer> {
  private static final Name TENANT = new Name("t500");
  private static final int WARMUP = 2_000;
  private static final int OVERHEAD_BUDGET_MICROS = 150;
  private static final int SCAN_BUDGET_MICROS = 5_000;

  @Option(
      names = "--transactions",
      defaultValue = "10000",
      description = "Transactions of each sort (default ${DEFAULT-VALUE})")
  private int transactions;

  @Option(
      names = "--tenants",
      defaultValue = "1000",
      description = "Tenants, of 1,000 rows each (default ${DEFAULT-VALUE})")
  private int tenants;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new TenancyBench()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, SQLException {
    Path folder = Checkout.find().root().resolve(".zen-build").resolve("bench-tenancy");
    Machine machine = new Machine();
    System.out.println("machine: " + machine.describe());
    try (LoneDatabase postgres = LoneDatabase.start(folder);
        Database database = Database.open(postgres.address());
        Connection superuser = postgres.superuser()) {
      fill(superuser);
      overhead(database, superuser);
      scan(database);
      return CommandLine.ExitCode.OK;
    } catch (HarnessException e) {
      System.err.println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    } finally {
      System.out.println(machine.disturbance());
      StateDirectory.deleteTree(folder);
    }
  }

  private void fill(Connection superuser) throws SQLException {
    try (Statement statement = superuser.createStatement()) {
      statement.execute(
          "insert into zen.tenant (name) select 't' || i from generate_series(1, "
              + tenants
              + ") i");
      statement.execute(
          "insert into zen.destination (tenant, name, url) select 't' || t, 'd' || d,"
              + " 'https://a.test/' || d from generate_series(1, "
              + tenants
              + ") t, generate_series(1, 1000) d");
      statement.execute(
          "insert into zen.principal (tenant, name, role)"
              + " select name, 'ci', 'viewer' from zen.tenant");
      statement.execute("vacuum analyze");
    }
    System.out.printf(Locale.ROOT, "rows: %,d of %,d tenants%n", tenants * 1_000L, tenants);
  }

  private void overhead(Database database, Connection superuser) throws SQLException {
    PrincipalStore store = database.principalStore();
    Name ci = new Name("ci");
    superuser.setAutoCommit(false);
    Latencies plain = new Latencies();
    Latencies tenant = new Latencies();
    // In turns, so that what disturbs one disturbs the other too.
    for (int i = -WARMUP; i < transactions; i++) {
      long start = System.nanoTime();
      plain(superuser);
      long middle = System.nanoTime();
      boolean found = TenantContext.within(TENANT, () -> store.principal(ci)).isPresent();
      long end = System.nanoTime();
      if (!found) {
        throw new IllegalStateException("principal: not there (expected: there)");
      }
      if (i >= 0) {
        plain.add(middle - start);
        tenant.add(end - middle);
      }
    }
    long more = micros(tenant, 0.5) - micros(plain, 0.5);
    System.out.printf(
        Locale.ROOT,
        "plain transaction   p50 %5d us  p99 %5d us%ntenant transaction  p50 %5d us  p99 %5d us%n"
            + "overhead            p50 %5d us  (budget: %d)%n",
        micros(plain, 0.5),
        micros(plain, 0.99),
        micros(tenant, 0.5),
        micros(tenant, 0.99),
        more,
        OVERHEAD_BUDGET_MICROS);
  }

  /** The same look-up in a transaction of its own, with no policy in its way. */
  private static void plain(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select name, role, spiffe_id from zen.principal where tenant = ? and name = ?")) {
      statement.setString(1, TENANT.value());
      statement.setString(2, "ci");
      try (ResultSet row = statement.executeQuery()) {
        row.next();
      }
    }
    connection.commit();
  }

  private void scan(Database database) {
    Latencies scans = new Latencies();
    int rows = 0;
    for (int i = -100; i < 500; i++) {
      long start = System.nanoTime();
      rows = TenantContext.within(TENANT, () -> database.tenantRows().destinations()).size();
      if (i >= 0) {
        scans.add(System.nanoTime() - start);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "one tenant's %,d rows  p50 %5d us  p99 %5d us  (budget: %,d)%n",
        rows,
        micros(scans, 0.5),
        micros(scans, 0.99),
        SCAN_BUDGET_MICROS);
  }

  private static long micros(Latencies latencies, double share) {
    return latencies.quantile(share).toNanos() / 1_000;
  }
}
