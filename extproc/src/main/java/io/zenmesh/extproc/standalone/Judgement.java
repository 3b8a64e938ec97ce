package io.zenmesh.extproc.standalone;

import io.zenmesh.extproc.policy.ActivePolicies;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.OwnSchemes;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.document.Position;
import io.zenmesh.xds.document.Problem;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.VerificationKey;
import io.zenmesh.xds.standalone.StandaloneConfig;
import io.zenmesh.xds.standalone.StandaloneConfig.Replay;
import io.zenmesh.xds.standalone.StandaloneEndpoint;
import io.zenmesh.xds.standalone.StandaloneEndpoint.SecretRef;
import io.zenmesh.xds.standalone.StandaloneReader.Reading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a look is worth: a set of policies and keys, or every reason why not. */
sealed interface Judgement {
  /**
   * Fit for use.
   *
   * @param warnings what is weak about it
   */
  record Fit(StandaloneConfig config, PolicySet policies, List<Problem> warnings)
      implements Judgement {}

  /** Not fit. */
  record Unfit(List<Problem> problems) implements Judgement {}

  /** Judges a look; each key is tried on its scheme. */
  static Judgement of(Look look, Catalogue catalogue) {
    return switch (look.reading()) {
      case Reading.Bad(List<Problem> problems) -> new Unfit(problems);
      case Reading.Good(StandaloneConfig config) -> new Judge(catalogue).judge(config, look);
    };
  }

  /** Collects over all endpoints. */
  final class Judge {
    private static final String REFUSES = " refuses all requests: ";

    private final Catalogue catalogue;
    private final OwnSchemes schemes;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    private Judge(Catalogue catalogue) {
      this.catalogue = catalogue;
      this.schemes = new OwnSchemes(catalogue);
    }

    private Judgement judge(StandaloneConfig config, Look look) {
      Map<EndpointRef, EndpointPolicy> policies = new HashMap<>();
      Map<EndpointRef, EndpointKeys> keys = new HashMap<>();
      Iterator<SecretSource.Reading> secrets = look.secrets().iterator();
      Iterator<TextFile> definitions = look.definitions().iterator();
      for (StandaloneEndpoint endpoint : config.endpoints()) {
        Optional<String> definition = Optional.empty();
        if (endpoint.definition().isPresent()) {
          definition = definition(endpoint, endpoint.definition().get().at(), definitions.next());
        }
        EndpointPolicy policy = withDefinition(endpoint.policy(), definition);
        List<VerificationKey> found = keys(endpoint, secrets);
        if (definition.isPresent() == endpoint.definition().isPresent()) {
          tryOut(endpoint, policy, found, config.replay());
        }
        policies.put(policy.ref(), policy);
        keys.put(policy.ref(), new EndpointKeys(policy.ref(), found));
      }
      return problems.isEmpty()
          ? new Fit(config, new PolicySet(policies, keys), List.copyOf(warnings))
          : new Unfit(List.copyOf(problems));
    }

    private Optional<String> definition(StandaloneEndpoint endpoint, Position at, TextFile file) {
      String path = endpoint.path() + ".definition.file";
      Optional<String> text = file.text().filter(it -> !it.isEmpty());
      if (text.isEmpty()) {
        String found = file.text().isPresent() ? "empty" : file.problem();
        problems.add(
            new Problem(
                at,
                path,
                found
                    + " (expected: a scheme in YAML, at most "
                    + SchemeSettings.MAX_DEFINITION_LENGTH
                    + " characters)"));
        return text;
      }
      schemes.findings(endpoint.policy().scheme(), text.get()).stream()
          .filter(finding -> !OwnSchemes.isError(finding))
          .forEach(finding -> warnings.add(new Problem(at, path, finding.toString())));
      return text;
    }

    private static EndpointPolicy withDefinition(
        EndpointPolicy policy, Optional<String> definition) {
      if (definition.isEmpty()) {
        return policy;
      }
      return new EndpointPolicy(
          policy.ref(),
          policy.scheme(),
          policy.tolerance(),
          policy.maxBodyBytes(),
          policy.publicUrl(),
          policy.onDuplicate(),
          policy.onStoreLoss(),
          policy.enforce(),
          new SchemeSettings(
              definition, policy.settings().topicArns(), policy.settings().autoConfirm()),
          policy.client());
    }

    private List<VerificationKey> keys(
        StandaloneEndpoint endpoint, Iterator<SecretSource.Reading> readings) {
      List<VerificationKey> keys = new ArrayList<>();
      int index = 0;
      for (SecretRef ref : endpoint.secrets()) {
        SecretSource.Reading reading = readings.next();
        String path = endpoint.path() + ".secrets[" + index++ + "]";
        if (reading.bytes().isPresent()) {
          keys.add(
              new VerificationKey(
                  ref.id(), Instant.EPOCH, Optional.empty(), reading.bytes().get()));
        } else {
          problems.add(new Problem(ref.at(), path, reading.problem()));
        }
        reading.warning().ifPresent(text -> warnings.add(new Problem(ref.at(), path, text)));
      }
      return keys;
    }

    /** First the policy alone, then each key alone, so that each problem has its place. */
    private void tryOut(
        StandaloneEndpoint endpoint,
        EndpointPolicy policy,
        List<VerificationKey> keys,
        Replay replay) {
      Optional<String> unfit = problem(policy, List.of());
      if (unfit.isPresent()) {
        problems.add(new Problem(endpoint.at(), endpoint.path(), unfit.get()));
        return;
      }
      for (VerificationKey key : keys) {
        int index = keys.indexOf(key);
        problem(policy, List.of(key))
            .ifPresent(text -> {
              boolean all = keys.size() == endpoint.secrets().size();
              Position at = all ? endpoint.secrets().get(index).at() : endpoint.at();
              problems.add(
                  new Problem(
                      at,
                      endpoint.path() + ".secrets" + (all ? "[" + index + "]" : ""),
                      key.id() + " does not suit " + policy.scheme() + ": " + text));
            });
      }
      forgetful(endpoint, policy, replay);
    }

    private Optional<String> problem(EndpointPolicy policy, List<VerificationKey> keys) {
      List<String> reports = new ArrayList<>();
      ActivePolicies trial = new ActivePolicies(catalogue, reports::add);
      EndpointRef ref = policy.ref();
      Optional<String> refused =
          trial.apply(new PolicySet(Map.of(ref, policy), Map.of(ref, new EndpointKeys(ref, keys))));
      return refused
          .map(text -> after(text, "endpoint " + ref + ": "))
          .or(() -> reports.stream().map(text -> after(text, REFUSES)).findFirst());
    }

    private static String after(String text, String prefix) {
      int found = text.indexOf(prefix);
      return found < 0 ? text : text.substring(found + prefix.length());
    }

    /** Memory is empty after each start: what signs no time is then refused for its window. */
    private void forgetful(StandaloneEndpoint endpoint, EndpointPolicy policy, Replay replay) {
      ActivePolicies trial = new ActivePolicies(catalogue, ignored -> {});
      var unused = trial.apply(new PolicySet(Map.of(policy.ref(), policy), Map.of()));
      trial
          .current()
          .flatMap(set -> set.find(policy.ref().routeName()))
          .filter(
              made -> replay instanceof Replay.Memory && policy.onStoreLoss() == OnStoreLoss.REFUSE)
          .filter(made -> !signsTime(made))
          .ifPresent(made ->
              warnings.add(
                  new Problem(
                      endpoint.at(),
                      endpoint.path() + ".onStoreLoss",
                      "refuse with replay in memory: scheme "
                          + policy.scheme()
                          + " signs no time, so that after each start all of it is refused for "
                          + made.replay().window()
                          + " (expected: accept, or replay in Redis)")));
    }

    private static boolean signsTime(PreparedEndpoint made) {
      return made.verifier().scheme().tolerance().isPresent();
    }
  }
}
