package io.zenmesh.e2e.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.fixture.SharedMesh;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedMesh.class)
class CheckIT {
  /** What {@code ./zen up} prints, row by row, then the look at the target that closes it. */
  @TestFactory
  Stream<DynamicNode> everyRow_ofTheCheck_isAsExpected(RunningMesh running) {
    CheckSuite suite = new CheckSuite(running.rig());
    long mark = running.arrivals().total();
    List<DynamicNode> tests = new ArrayList<>();
    for (CheckSuite.Cell cell : suite.cells()) {
      tests.add(
          DynamicTest.dynamicTest(
              cell.toString(),
              () -> {
                CheckRow row = suite.run(cell);
                assertThat(row.ok()).as(CheckTable.render(List.of(row))).isTrue();
              }));
    }
    long expected =
        suite.cells().stream().mapToLong(cell -> cell.scenario().expected().arrivals()).sum();
    tests.add(
        DynamicTest.dynamicTest(
            "nothing else at the target",
            () -> assertThat(running.arrivals().total() - mark).isEqualTo(expected)));
    return tests.stream().onClose(suite::close);
  }
}
