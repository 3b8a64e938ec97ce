package io.zenmesh.extproc.signature;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where the public keys of a scheme come from, when the endpoint does not hold them. */
sealed interface KeyOrigin {
  /**
   * Reads the reference of a message.
   *
   * @throws Refusal {@link Reason#SIGNATURE_MALFORMED} when it is absent, or names a place that the
   *     scheme does not pin
   */
  Optional<KeyReference> reference(SignatureForm.Parts parts, RequestFields fields) throws Refusal;

  /** The endpoint's own keys. */
  record Endpoint() implements KeyOrigin {
    @Override
    public Optional<KeyReference> reference(SignatureForm.Parts parts, RequestFields fields) {
      return Optional.empty();
    }
  }

  /**
   * A certificate at a pinned host.
   *
   * @param source where the URL stands
   * @param hosts names, each of which may begin with {@code *.} or hold {@code *} as one label's
   *     region, letters, digits and hyphens only
   * @param suffix what the path ends with
   * @param names the names of which the certificate must bear one
   * @param leafAlone whether the provider publishes the certificate without its issuers
   */
  record Certificate(
      ValueSource source,
      List<Pattern> hosts,
      String suffix,
      List<Pattern> names,
      boolean leafAlone)
      implements KeyOrigin {
    private static final int LONGEST_URL = 512;

    /** A host pattern in which {@code *} stands for 1 to 63 letters, digits and hyphens. */
    static Pattern host(String shown) {
      if (!shown.matches("[a-z0-9.*-]{4,100}") || shown.endsWith("*") || shown.contains("**")) {
        throw new IllegalArgumentException("host");
      }
      return Pattern.compile(shown.replace(".", "\\.").replace("*", "[a-z0-9-]{1,63}"));
    }

    @Override
    public Optional<KeyReference> reference(SignatureForm.Parts parts, RequestFields fields)
        throws Refusal {
      return Optional.of(new KeyReference.Certificate(url(fields, false)));
    }

    /**
     * The URL, if its host is pinned.
     *
     * @param withQuery whether it may have a query
     */
    URI url(RequestFields fields, boolean withQuery) throws Refusal {
      String text =
          fields
              .text(source, Reason.SIGNATURE_MALFORMED)
              .filter(url -> url.length() <= LONGEST_URL)
              .orElseThrow(() -> Refusal.of(Reason.SIGNATURE_MALFORMED));
      try {
        URI url = new URI(text);
        if (isPinned(url) && (withQuery || url.getRawQuery() == null)) {
          return url;
        }
      } catch (URISyntaxException notAUrl) {
        // Refused below.
      }
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }

    private boolean isPinned(URI url) {
      return "https".equals(url.getScheme())
          && url.getHost() != null
          && url.getHost().equals(url.getRawAuthority())
          && url.getRawFragment() == null
          && url.getRawPath() != null
          && url.getRawPath().endsWith(suffix)
          && !url.getRawPath().contains("..")
          && !url.getRawPath().contains("%")
          && hosts.stream()
              .anyMatch(host -> host.matcher(url.getHost().toLowerCase(Locale.ROOT)).matches());
    }
  }

  /**
   * The provider's key set.
   *
   * @param part the part of the signature header that names the key
   * @param url where it is published; empty when it cannot be fetched
   */
  record KeySet(String part, Optional<URI> url) implements KeyOrigin {
    /**
     * A place that may be fetched: HTTPS, a host name, no user information, port or fragment.
     *
     * @throws IllegalArgumentException for any other
     */
    static URI place(String shown) {
      URI url = URI.create(shown);
      boolean sound =
          shown.length() <= Certificate.LONGEST_URL
              && "https".equals(url.getScheme())
              && url.getHost() != null
              && url.getHost().equals(url.getRawAuthority())
              && url.getRawFragment() == null;
      if (!sound) {
        throw new IllegalArgumentException("url");
      }
      return url;
    }

    private static final TextGrammar ID = TextGrammar.parse("[A-Za-z0-9._:-]{1,128}");

    @Override
    public Optional<KeyReference> reference(SignatureForm.Parts parts, RequestFields fields)
        throws Refusal {
      String id = parts.part(part).filter(ID::matches).orElse("");
      if (id.isEmpty()) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      return Optional.of(new KeyReference.KeyId(id));
    }
  }
}
