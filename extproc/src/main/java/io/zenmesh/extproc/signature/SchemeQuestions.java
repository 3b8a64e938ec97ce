package io.zenmesh.extproc.signature;

import io.zenmesh.extproc.signature.ChallengeRule.Action;
import java.util.List;

/**
 * What a scheme's provider may ask an endpoint.
 *
 * @param unsigned whether anything that is answered before it is verified
 * @param signed whether anything that it signs
 * @param handsOverSecret whether it may hand over the secret that it signs with
 * @param showsVerifyToken whether it may show a token to prove who set it up
 */
public record SchemeQuestions(
    boolean unsigned, boolean signed, boolean handsOverSecret, boolean showsVerifyToken) {
  /** The questions of a scheme. */
  public static SchemeQuestions of(Scheme scheme) {
    List<ChallengeRule> rules = scheme.challenges();
    return new SchemeQuestions(
        rules.stream().anyMatch(rule -> !rule.signed()),
        rules.stream().anyMatch(ChallengeRule::signed),
        rules.stream().anyMatch(rule -> rule.action() instanceof Action.TakeSecret),
        rules.stream().anyMatch(rule -> rule.verifyToken().isPresent()));
  }
}
