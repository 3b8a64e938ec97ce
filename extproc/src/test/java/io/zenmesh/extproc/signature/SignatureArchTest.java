package io.zenmesh.extproc.signature;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.zenmesh.xds.secret.SecretAccess;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The engine stays pure, and only it can say that a request is verified. */
class SignatureArchTest {
  private static final String ENGINE = "io.zenmesh.extproc.signature";

  private static final JavaClasses MODULE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.zenmesh.extproc");

  private static DescribedPredicate<JavaAccess<?>> calls(Class<?> owner, String prefix) {
    return describe(
        "a call of " + owner.getSimpleName() + "." + prefix,
        access ->
            access.getTargetOwner().isEquivalentTo(owner) && access.getName().startsWith(prefix));
  }

  /** Methods that compare and stop at the first difference. */
  private static DescribedPredicate<JavaAccess<?>> earlyExitComparisons(Set<Class<?>> owners) {
    Set<String> names = Set.of("equals", "compareTo", "compare", "mismatch", "contentEquals");
    return describe(
        "a comparison that stops at the first difference",
        access ->
            owners.stream().anyMatch(access.getTargetOwner()::isEquivalentTo)
                && names.contains(access.getName()));
  }

  @Test
  void engine_doesNoInputOutput() {
    DescribedPredicate<JavaClass> url =
        describe(
            "java.net.URI",
            c -> c.isEquivalentTo(URI.class) || c.isEquivalentTo(URISyntaxException.class));
    noClasses()
        .that()
        .resideInAPackage(ENGINE)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "io.grpc..",
                    "io.netty..",
                    "io.lettuce..",
                    "io.envoyproxy..",
                    "com.google.protobuf..",
                    "org.slf4j..",
                    "ch.qos.logback..",
                    "java.util.logging..",
                    "java.nio.file..",
                    "java.nio.channels..",
                    "java.net..")
                .and(DescribedPredicate.not(url)))
        .because("it is a function of its arguments")
        .check(MODULE);
  }

  @Test
  void engine_onlyTheCatalogueReadsAStream() {
    noClasses()
        .that()
        .resideInAPackage(ENGINE)
        .and()
        .doNotHaveFullyQualifiedName(Catalogue.class.getName())
        .should()
        .dependOnClassesThat(resideInAPackage("java.io.."))
        .because("the catalogue reads its own documents from the class path, and nothing else may")
        .check(MODULE);
  }

  @Test
  void engine_hasNoClock() {
    noClasses()
        .that()
        .resideInAPackage(ENGINE)
        .should()
        .accessTargetWhere(
            calls(Clock.class, "system")
                .or(calls(Instant.class, "now"))
                .or(calls(System.class, "currentTimeMillis"))
                .or(calls(System.class, "nanoTime")))
        .because("time is an argument")
        .check(MODULE);
  }

  @Test
  void verified_isMadeByTheVerifierOnly() {
    constructors()
        .that()
        .areDeclaredIn(Verdict.Verified.class)
        .or()
        .areDeclaredIn(ReplaySubject.class)
        .should()
        .onlyBeCalled()
        .byClassesThat(describe("are SchemeVerifier", c -> c.isEquivalentTo(SchemeVerifier.class)))
        .check(MODULE);
    constructors()
        .that()
        .areDeclaredIn(Verdict.Verified.class)
        .or()
        .areDeclaredIn(ReplaySubject.class)
        .should()
        .bePackagePrivate()
        .check(MODULE);
  }

  @Test
  void P03_macBytes_areComparedInConstantTime() {
    noClasses()
        .that()
        .resideInAPackage(ENGINE)
        .should()
        .accessTargetWhere(earlyExitComparisons(Set.of(Arrays.class, ByteBuffer.class)))
        .check(MODULE);
    noClasses()
        .that()
        .haveNameMatching(
            ".*\\.(KeyRing(\\$.*)?|PublicKeyRing(\\$.*)?|BodyClaims|BodyDigest|TagEncoding(\\$.*)?|KeyDecoding(\\$.*)?|Claim|SignedContent)")
        .should()
        .accessTargetWhere(earlyExitComparisons(Set.of(String.class, Object.class, Objects.class)))
        .because("what they hold are signatures and keys")
        .check(MODULE);
    classes()
        .that()
        .implement(KeyRing.class)
        .should()
        .accessTargetWhere(calls(MessageDigest.class, "isEqual"))
        .check(MODULE);
  }

  @Test
  void secrets_areOpenedInTwoPlaces() {
    methods()
        .that()
        .areDeclaredIn(SecretAccess.class)
        .and()
        .haveName("granted")
        .should()
        .onlyBeCalled()
        .byClassesThat(
            DescribedPredicate.not(resideInAPackage(ENGINE))
                .or(
                    describe(
                        "are KeyRing or SchemeSigner",
                        c ->
                            c.isEquivalentTo(KeyRing.class)
                                || c.isEquivalentTo(SchemeSigner.class))))
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.zenmesh"));
  }
}
