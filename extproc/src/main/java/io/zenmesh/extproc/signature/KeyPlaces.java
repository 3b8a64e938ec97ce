package io.zenmesh.extproc.signature;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where the public keys of a scheme are published, and what a fetched one must show.
 *
 * @param keySet the provider's key set (RFC 7517); empty when the scheme names none
 * @param certificateNames the DNS names of which a certificate must bear one; empty for schemes
 *     whose messages name no certificate
 * @param leafAlone whether the provider publishes its certificate without the issuers. No chain can
 *     then be built: what vouches for it is the connection to the pinned host that served it
 */
public record KeyPlaces(Optional<URI> keySet, List<Pattern> certificateNames, boolean leafAlone) {
  /** Copies the list. */
  public KeyPlaces {
    certificateNames = List.copyOf(certificateNames);
  }

  static KeyPlaces of(List<Scheme.Signature> signatures) {
    Optional<URI> keySet =
        signatures.stream()
            .flatMap(signature ->
                signature.origin() instanceof KeyOrigin.KeySet set
                    ? set.url().stream()
                    : Stream.empty())
            .findFirst();
    List<KeyOrigin.Certificate> certificates =
        signatures.stream()
            .map(Scheme.Signature::origin)
            .filter(KeyOrigin.Certificate.class::isInstance)
            .map(KeyOrigin.Certificate.class::cast)
            .toList();
    return new KeyPlaces(
        keySet,
        certificates.stream().flatMap(origin -> origin.names().stream()).toList(),
        !certificates.isEmpty()
            && certificates.stream().allMatch(KeyOrigin.Certificate::leafAlone));
  }

  /** Whether there is anything to fetch. */
  public boolean isAny() {
    return keySet.isPresent() || !certificateNames.isEmpty();
  }
}
