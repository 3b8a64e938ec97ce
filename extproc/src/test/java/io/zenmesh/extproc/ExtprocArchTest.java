package io.zenmesh.extproc;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.security.MessageDigest;
import java.time.Instant;
import javax.crypto.Mac;
import org.junit.jupiter.api.Test;

/** The boundaries inside the module, each with its reason. */
class ExtprocArchTest {
  private static final String ROOT = "io.zenmesh.extproc";
  private static final JavaClasses MODULE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @Test
  void envoysTypes_stayInTheServer() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".server..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.envoyproxy..", "com.google.protobuf..", "io.grpc..")
        .because("the decision is a function of values that a test calls without a server")
        .check(MODULE);
  }

  @Test
  void digests_stayWhereTheyAreReviewed() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + ".signature..", ROOT + ".replay..")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(MessageDigest.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Mac.class)
        .because("signatures are computed and compared in one place")
        .check(MODULE);
  }

  @Test
  void pipelineAndPolicy_arePure() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".pipeline..", ROOT + ".policy..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.netty..",
            "io.lettuce..",
            "io.micrometer..",
            "org.slf4j..",
            "java.io..",
            "java.net..",
            "java.nio.file..",
            ROOT + ".server..",
            ROOT + ".admin..")
        .because("what decides does no I/O and writes no log")
        .check(MODULE);
  }

  @Test
  void eachLibrary_hasOneHome() {
    only("io.lettuce..", ".replay..");
    only("io.micrometer..", ".admin..");
    only("org.apache.hc..", ".keys..");
    only("com.github.benmanes.caffeine..", ".keys..");
    only("com.sun.net.httpserver..", ".admin..");
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + ".admin..",
            ROOT + ".keys..",
            ROOT + ".pipeline..",
            ROOT + ".policy..",
            ROOT + ".replay..",
            ROOT + ".server..",
            ROOT + ".signature..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "ch.qos.logback..")
        .because("command line and log configuration belong to the process")
        .check(MODULE);
  }

  private static void only(String library, String home) {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + home)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .because(library + " is an adapter's business")
        .check(MODULE);
  }

  @Test
  void time_comesFromAClock() {
    noClasses()
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .because("tests set the time")
        .check(MODULE);
  }

  @Test
  void caseMapping_namesItsLocale() {
    noClasses()
        .should()
        .callMethod(String.class, "toLowerCase")
        .orShould()
        .callMethod(String.class, "toUpperCase")
        .because("under a Turkish locale an I is not an i")
        .check(MODULE);
  }

  @Test
  void nothingBlocks_onAnEventLoop() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".pipeline..", ROOT + ".server..", ROOT + ".replay..")
        .should()
        .callMethod(java.util.concurrent.CompletableFuture.class, "join")
        .orShould()
        .callMethod(java.util.concurrent.CompletableFuture.class, "get")
        .orShould()
        .callMethod(java.util.concurrent.Future.class, "get")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .because("every request of the loop would wait")
        .check(MODULE);
  }

  @Test
  void packages_areNamedForWhatTheyHold_andFormNoCycle() {
    noClasses()
        .should()
        .resideInAnyPackage("..impl..", "..util..", "..common..", "..helper..")
        .because("a reader finds the room by the folder")
        .check(MODULE);
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(MODULE);
  }
}
