package io.zenmesh.controlplane;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.zenmesh.controlplane.audit.ArchivePlace;
import io.zenmesh.controlplane.audit.CheckpointFiles;
import io.zenmesh.controlplane.store.s3.S3Archives;
import io.zenmesh.controlplane.witness.Cosigning;
import io.zenmesh.controlplane.witness.WitnessClient;
import io.zenmesh.xds.secret.SecretBytes;
import java.sql.Connection;
import java.time.Instant;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** The walls inside this module, each with its reason. */
class BoundariesTest {
  private static final String ROOT = "io.zenmesh.controlplane";
  private static final String[] FEATURES = {
    ROOT + ".mesh..",
    ROOT + ".custody..",
    ROOT + ".apply..",
    ROOT + ".publish..",
    ROOT + ".tenant..",
    ROOT + ".audit.."
  };
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  private static final DescribedPredicate<HasName> CONSTRUCTOR = name("<init>");

  private static void hold(ArchRule rule, String reason) {
    rule.because(reason).check(CLASSES);
  }

  @Test
  void sql_staysInTheStore() {
    hold(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".store.postgres..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.sql..", "javax.sql..", "org.postgresql..", "org.jdbi..", "com.zaxxer.."),
        "TenantTx is the only door to tenants' rows");
  }

  @Test
  void everyPool_hasOneJdbi() {
    hold(
        noClasses()
            .that(not(simpleName("Footing")))
            .should()
            .callMethod(Jdbi.class, "open", Connection.class)
            .orShould()
            .callMethod(Jdbi.class, "open", DataSource.class),
        "what was parsed of a statement is found again; only the proof at start needs it once");
  }

  @Test
  void features_knowNoEdge() {
    hold(
        noClasses()
            .that()
            .resideInAnyPackage(FEATURES)
            .should()
            .dependOnClassesThat(
                resideInAnyPackage(ROOT + ".api..", ROOT + ".cli..", ROOT + ".store..")),
        "a feature is tested without a server, a terminal or a database");
  }

  @Test
  void fromTheProcessor_onlyTheEngineIsUsed() {
    hold(
        noClasses()
            .should()
            .dependOnClassesThat(
                resideInAPackage("io.zenmesh.extproc..")
                    .and(
                        not(
                            resideInAnyPackage(
                                "io.zenmesh.extproc.signature..", "io.zenmesh.extproc.replay..")))),
        "the processor's pipeline is not the control plane's business");
  }

  @Test
  void features_haveNoCycles() {
    hold(
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles(),
        "a feature that needs another that needs it is one feature");
  }

  @Test
  void auditVerifier_callsNothingThatWrites() {
    hold(
        noClasses()
            .that()
            .resideInAPackage(ROOT + ".audit.verify..")
            .should()
            .dependOnClassesThat(
                resideInAPackage(ROOT + "..")
                    .and(not(resideInAPackage(ROOT + ".audit.verify..")))
                    .and(not(simpleName("Hash")))),
        "a fault in the writer's code must not hide itself");
  }

  @Test
  void http_staysAtTheEdges() {
    hold(
        noClasses()
            .that()
            .resideOutsideOfPackages(
                ROOT + ".api..",
                ROOT + ".cli..",
                ROOT + ".store.transit..",
                ROOT + ".store.gcpkms..",
                ROOT + ".store.kms..",
                ROOT + ".witness..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.javalin..", "org.eclipse.jetty..", "java.net.http.."),
        "features are not web handlers");
  }

  /** Who makes one of these chooses where audit goes. */
  @Test
  void A15_placesOfAudit_areMadeByTheCompositionRootAlone() {
    hold(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT)
            .and(not(assignableTo(ArchivePlace.class)))
            .should()
            .callCodeUnitWhere(
                target(owner(assignableTo(S3Archives.class)))
                    .or(target(owner(assignableTo(ArchivePlace.class))).and(target(CONSTRUCTOR)))
                    .or(target(owner(assignableTo(CheckpointFiles.class))).and(target(CONSTRUCTOR)))
                    .or(target(owner(assignableTo(WitnessClient.class))).and(target(CONSTRUCTOR)))
                    .or(target(owner(assignableTo(Cosigning.class))).and(target(CONSTRUCTOR)))),
        "they are what the operator's options say, whatever a tenant sends");
  }

  @Test
  void awsSdk_staysInItsAdapter() {
    hold(
        noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".store.awskms..", ROOT + ".store.s3..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("software.amazon.."),
        "a cloud's SDK is an adapter's choice");
  }

  @Test
  void googlesLibraries_stayInTheirAdapter() {
    hold(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".store.gcpkms..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.google.auth..", "com.google.api.."),
        "a cloud's library is an adapter's choice");
  }

  @Test
  void tink_staysInCustody() {
    hold(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".custody..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.google.crypto.tink..", "javax.crypto.."),
        "keys are used in one place");
  }

  @Test
  void secretBytes_areNoRecordComponent() {
    hold(
        fields()
            .that()
            .haveRawType(SecretBytes.class)
            .should()
            .beDeclaredInClassesThat()
            .areNotRecords(),
        "a record prints and compares its components");
  }

  @Test
  void clocks_areInjected() {
    hold(
        noClasses()
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis"),
        "time that cannot be set cannot be tested");
  }

  @Test
  void storeClasses_showOnlyTheDatabase() {
    hold(
        classes()
            .that()
            .resideInAPackage(ROOT + ".store.postgres..")
            .and()
            .arePublic()
            .should()
            .haveNameMatching(".*\\.(Database|PostgresAddress|PasswordFile)"),
        "nobody else opens a transaction or a pool");
  }
}
