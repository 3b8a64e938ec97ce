package io.zenmesh.extproc.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RedisServerInfoTest {
  private static final String RUN_ID = "0123456789abcdef0123456789abcdef01234567";

  private static RedisServerInfo info(String version, String policy) {
    return RedisServerInfo.parse(
        "# Server\r\nredis_version:"
            + version
            + "\r\nrun_id:"
            + RUN_ID
            + "\r\n# Memory\r\nmaxmemory_policy:"
            + policy
            + "\r\n");
  }

  @Test
  void problem_ofAFitServer_isEmpty() {
    assertThat(info("6.2.0", "noeviction").problem()).isEmpty();
    assertThat(info("8.0.1", "noeviction").problem()).isEmpty();
  }

  @Test
  void F11_evictionPolicy_isNamed() {
    assertThat(info("7.0.0", "volatile-lru").problem()).get().asString().contains("volatile-lru");
    assertThat(info("7.0.0", "").problem()).isPresent();
  }

  @Test
  void R03_oldOrOddVersion_isAProblem() {
    for (String version : new String[] {"6.0.20", "5.0.14", "", "6", "x.y", "99999.1", "-1.2"}) {
      assertThat(info(version, "noeviction").problem()).as(version).isPresent();
    }
  }

  @Test
  void missingRunId_isAProblem() {
    assertThat(RedisServerInfo.parse("redis_version:7.0.0\nmaxmemory_policy:noeviction").problem())
        .isPresent();
  }
}
