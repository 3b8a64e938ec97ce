package io.zenmesh.xds.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BoundaryTest {
  private static final JavaClasses XDS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.zenmesh.xds");

  private static void check(ArchRule rule) {
    rule.check(XDS);
  }

  @Test
  void model_dependsOnTheJdkOnly() {
    check(
        classes()
            .that()
            .resideInAPackage("io.zenmesh.xds.model..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "io.zenmesh.xds.model..")
            .because("every module may hold the model without dragging in Envoy or gRPC"));
  }

  @Test
  void secret_dependsOnTheJdkAndTheModelOnly() {
    check(
        classes()
            .that()
            .resideInAPackage("io.zenmesh.xds.secret..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..", "org.jspecify..", "io.zenmesh.xds.secret..", "io.zenmesh.xds.model..")
            .because("a library that sees a secret type can print it"));
  }

  @Test
  void identity_dependsOnTheJdkOnly() {
    check(
        classes()
            .that()
            .resideInAPackage("io.zenmesh.xds.identity..")
            .and()
            .doNotHaveSimpleName("MutualTls")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..", "javax.net.ssl..", "org.jspecify..", "io.zenmesh.xds.identity..")
            .because("who a peer is, is decided by code that can be read in one sitting"));
  }

  @Test
  void identity_meetsTheTransportInOneClass() {
    check(
        classes()
            .that()
            .haveSimpleName("MutualTls")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "javax.net.ssl..",
                "io.netty.handler.ssl..",
                "io.grpc.netty..",
                "org.jspecify..",
                "io.zenmesh.xds.identity..")
            .because("it hands the same decision to gRPC and to the JDK, and decides nothing"));
  }

  @Test
  void policyProtos_stayBehindTheCodec() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(
                "io.zenmesh.xds.wire..",
                "io.zenmesh.xds.resource..",
                "io.zenmesh.xds.lint..",
                "io.zenmesh.xds.client..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.zenmesh.xds.wire.v1..")
            .because("the wire form is no model: it can hold what the model refuses"));
  }

  @Test
  void envoyConfigurationProtos_stayInFactoriesAndLinter() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("io.zenmesh.xds.resource..", "io.zenmesh.xds.lint..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.envoyproxy.envoy.config.listener..",
                "io.envoyproxy.envoy.config.route..",
                "io.envoyproxy.envoy.config.cluster..",
                "io.envoyproxy.envoy.config.bootstrap..",
                "io.envoyproxy.envoy.extensions..")
            .because("what Envoy is told is decided in one place and judged in another"));
  }

  @Test
  void factories_doNotKnowTheLinter() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.zenmesh.xds.resource..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.zenmesh.xds.lint..")
            .because("what is judged must not know the judge"));
  }

  @Test
  void linter_doesNotAskTheFactories() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.zenmesh.xds.lint..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.zenmesh.xds.resource.SnapshotFactory")
            .because("a linter that renders what it expects agrees with every mistake"));
  }

  @Test
  void time_comesFromAClock() {
    check(
        noClasses()
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .because("tests stand at each boundary instant"));
  }

  @Test
  void caseMapping_namesItsLocale() {
    check(
        noClasses()
            .should()
            .callMethod(String.class, "toLowerCase")
            .orShould()
            .callMethod(String.class, "toUpperCase")
            .because("under the Turkish locale I is not the upper case of i"));
  }
}
