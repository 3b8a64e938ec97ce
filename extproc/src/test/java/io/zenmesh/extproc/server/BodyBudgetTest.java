package io.zenmesh.extproc.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.server.BodyBudget.Standing;
import io.zenmesh.extproc.server.BodyBudget.Ticket;
import io.zenmesh.xds.model.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BodyBudgetTest {
  private static final int MIB = 1024 * 1024;
  private static final Name ACME = new Name("acme");
  private static final Name GLOBEX = new Name("globex");
  private static final Name INITECH = new Name("initech");

  /** A share of 4 MiB, 3 MiB of it for large bodies. */
  private final BodyBudget budget = new BodyBudget(8 * MIB);

  private final List<String> served = new ArrayList<>();

  private Ticket ask(Name tenant, long bytes) {
    return budget.ask(tenant, bytes, () -> served.add(tenant.value() + " " + bytes));
  }

  private List<Ticket> fill(Name tenant, int count, long bytes) {
    List<Ticket> all = IntStream.range(0, count).mapToObj(i -> ask(tenant, bytes)).toList();
    assertThat(all).allMatch(ticket -> ticket.standing() == Standing.HELD);
    return all;
  }

  @Test
  void P10_largeBodies_leaveAQuarterForSmallOnes() {
    fill(ACME, 3, MIB);
    fill(GLOBEX, 3, MIB);
    assertThat(ask(INITECH, BodyBudget.SMALL_BODY_BYTES + 1).standing())
        .isEqualTo(Standing.WAITING);
    fill(INITECH, 32, BodyBudget.SMALL_BODY_BYTES);
    assertThat(budget.inUse()).isEqualTo(8 * MIB);
    assertThat(ask(INITECH, 1).standing()).isEqualTo(Standing.WAITING);
  }

  @Test
  void P10_oneTenantsFlood_leavesEachHalfToAnother() {
    fill(ACME, 3, MIB);
    assertThat(ask(ACME, MIB).standing()).isEqualTo(Standing.WAITING);
    fill(ACME, 16, BodyBudget.SMALL_BODY_BYTES);
    assertThat(ask(ACME, 2).standing()).isEqualTo(Standing.WAITING);
    fill(GLOBEX, 3, MIB);
    fill(GLOBEX, 16, BodyBudget.SMALL_BODY_BYTES);
    assertThat(budget.inUse()).isEqualTo(8 * MIB);
    assertThat(served).isEmpty();
  }

  @Test
  void roomThatComesFree_goesToWhoCameFirst() {
    List<Ticket> held = fill(ACME, 3, MIB);
    Ticket first = ask(ACME, MIB);
    Ticket second = ask(ACME, MIB / 2);
    held.getFirst().close();
    assertThat(first.standing()).isEqualTo(Standing.HELD);
    assertThat(second.standing()).isEqualTo(Standing.WAITING);
    held.get(1).close();
    assertThat(second.standing()).isEqualTo(Standing.HELD);
    assertThat(served).containsExactly("acme " + MIB, "acme " + MIB / 2);
  }

  @Test
  void newcomerThatWouldFit_standsBehindWhoWaits() {
    fill(ACME, 2, MIB);
    Ticket big = ask(ACME, 2 * MIB);
    assertThat(big.standing()).isEqualTo(Standing.WAITING);
    Ticket little = ask(ACME, MIB / 2);
    assertThat(little.standing()).isEqualTo(Standing.WAITING);
    // Nobody is ahead any more, and there was room all along.
    big.close();
    assertThat(little.standing()).isEqualTo(Standing.HELD);
  }

  @Test
  void P10_waitOfOneTenant_holdsUpNobodyElse() {
    fill(ACME, 3, MIB);
    ask(ACME, MIB);
    fill(GLOBEX, 3, MIB);
    Ticket waits = ask(GLOBEX, MIB);
    assertThat(waits.standing()).isEqualTo(Standing.WAITING);
    fill(ACME, 16, BodyBudget.SMALL_BODY_BYTES);
  }

  @Test
  void ticketClosedWhileItWaits_isNeverServed() {
    List<Ticket> held = fill(ACME, 3, MIB);
    Ticket gone = ask(ACME, MIB);
    gone.close();
    gone.close();
    assertThat(budget.waiting()).isZero();
    held.forEach(Ticket::close);
    held.forEach(Ticket::close);
    assertThat(served).isEmpty();
    assertThat(gone.standing()).isEqualTo(Standing.OVER);
    assertThat(budget.inUse()).isZero();
  }

  @Test
  void bodyLargerThanAShare_isRefusedAtOnce() {
    assertThat(ask(ACME, 3 * MIB + 1).standing()).isEqualTo(Standing.OVER);
    assertThat(budget.waiting()).isZero();
  }

  @Test
  void P10_queue_isBoundedAndHalfOfItPerTenant() {
    fill(ACME, 3, MIB);
    fill(GLOBEX, 3, MIB);
    for (int i = 0; i < BodyBudget.MOST_WAITING; i++) {
      boolean room = i < BodyBudget.MOST_WAITING / 2;
      assertThat(ask(ACME, MIB).standing()).isEqualTo(room ? Standing.WAITING : Standing.OVER);
    }
    for (int i = 0; i < BodyBudget.MOST_WAITING / 2; i++) {
      assertThat(ask(GLOBEX, MIB).standing()).isEqualTo(Standing.WAITING);
    }
    assertThat(ask(INITECH, MIB).standing()).isEqualTo(Standing.OVER);
    assertThat(budget.waiting()).isEqualTo(BodyBudget.MOST_WAITING);
  }

  @Test
  void waitForRoom_isHalfOfWhatEnvoyWaits() {
    assertThat(BodyBudget.LONGEST_WAIT.toSeconds())
        .isZero()
        .isLessThan(io.zenmesh.xds.resource.Limits.PROCESSOR_MESSAGE.getSeconds());
  }
}
