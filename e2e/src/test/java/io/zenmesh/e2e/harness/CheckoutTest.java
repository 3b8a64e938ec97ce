package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckoutTest {
  @TempDir Path folder;

  @Test
  void jvmFlags_includeTheOnesOfTheParentPom() throws Exception {
    String pom = Files.readString(Checkout.find().root().resolve("pom.xml"));
    String flags = pom.replaceAll("(?s).*<zen.jvm.flags>(.*)</zen.jvm.flags>.*", "$1");
    assertThat(Checkout.JVM_FLAGS).contains(flags.split(" "));
  }

  @Test
  void java_moduleNotBuilt_isRefusedWithTheWayToBuildIt() {
    assertThatThrownBy(() -> new Checkout(folder, false).java("extproc", "M", 128, List.of()))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("extproc: not built")
        .hasMessageContaining("./zen up");
  }

  @Test
  void java_builtModule_runsItsJarWithItsDependencies() throws Exception {
    Path target = Files.createDirectories(folder.resolve("extproc/target"));
    Files.writeString(target.resolve("extproc-0.1.0-SNAPSHOT.jar"), "");
    Files.writeString(target.resolve("classpath.txt"), "/a.jar:/b.jar\n");
    assertThat(new Checkout(folder, false).java("extproc", "the.Main", 128, List.of("serve")))
        .contains("-Xmx128m", "the.Main", "serve")
        .contains(target.resolve("extproc-0.1.0-SNAPSHOT.jar") + ":/a.jar:/b.jar");
  }
}
