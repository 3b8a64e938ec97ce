package io.zenmesh.extproc.signature;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How a signature header is written. */
sealed interface SignatureForm
    permits SignatureForm.Plain,
        SignatureForm.KeyValues,
        SignatureForm.VersionedList,
        TokenForm,
        MessageSignatureForm,
        CavageForm {
  /**
   * Splits a header that is not empty, whose form says nothing of the rest of the request.
   *
   * @throws Refusal {@link Reason#SIGNATURE_MALFORMED}, {@link Reason#HEADER_DUPLICATED} when what
   *     may stand once stands twice (which is what two fields joined by a comma look like), {@link
   *     Reason#SIGNATURE_VERSION_UNSUPPORTED} when it holds signatures, but only of other versions
   */
  Parts split(String text) throws Refusal;

  /**
   * Splits a header that is not empty.
   *
   * @param fields the request it came with, for forms that say which parts of it are signed
   */
  default Parts split(String text, RequestFields fields) throws Refusal {
    return split(text);
  }

  /** Whether the header itself says what is signed, so that the scheme has no template. */
  default boolean namesContent() {
    return false;
  }

  /** Whether it sees to it that the whole body is signed. */
  default boolean coversBody() {
    return false;
  }

  /** Other headers that it reads, besides the signature's own. */
  default List<ValueSource.HeaderName> otherHeaders() {
    return List.of();
  }

  /** Writes a header: the named parts in their order, then one signature. */
  String join(Map<String, String> named, String signature);

  /**
   * What a header says, undecoded.
   *
   * @param signatures the candidates, at least one
   * @param named the other parts the scheme knows, each once
   * @param content what is signed, for forms that say so themselves
   */
  record Parts(
      List<String> signatures, Map<String, String> named, Optional<SignedContent> content) {
    /** Of a signature that was read without being split. */
    static final Parts NONE = new Parts(List.of(), Map.of());

    Parts(List<String> signatures, Map<String, String> named) {
      this(signatures, named, Optional.empty());
    }

    Optional<String> part(String name) {
      return Optional.ofNullable(named.get(name));
    }
  }

  /** What to do with signatures of versions the scheme does not verify. */
  enum OtherVersions {
    /** Each may stand once and is ignored. */
    ONCE,
    /** They may stand any number of times and are ignored. */
    REPEATED
  }

  /**
   * One signature after a fixed prefix, such as {@code sha256=}. A prefix that ends in a blank is
   * the name of an authentication scheme, which has no case (RFC 9110 section 11.1).
   *
   * @param prefix may be empty
   * @param blanks whether the rest may hold single blanks
   */
  record Plain(String prefix, boolean blanks) implements SignatureForm {
    private static final TextGrammar OTHER_PREFIX = TextGrammar.parse("[A-Za-z0-9-]{1,32}");

    @Override
    public Parts split(String text) throws Refusal {
      boolean visible = HeaderText.isVisible(text);
      if (!visible && !HeaderText.isVisibleOr(text, ' ')) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      if (text.indexOf(',') >= 0) {
        throw Refusal.of(Reason.HEADER_DUPLICATED);
      }
      if (!text.regionMatches(prefix.endsWith(" "), 0, prefix, 0, prefix.length())) {
        throw Refusal.of(
            visible && !prefix.endsWith(" ") && hasOtherPrefix(text)
                ? Reason.SIGNATURE_VERSION_UNSUPPORTED
                : Reason.SIGNATURE_MALFORMED);
      }
      String rest = text.substring(prefix.length());
      if (rest.isEmpty() || !(visible || HeaderText.isVisible(rest) || isSpaced(rest))) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      return new Parts(List.of(rest), Map.of());
    }

    private boolean isSpaced(String rest) {
      return blanks && rest.equals(rest.strip()) && !rest.contains("  ");
    }

    private boolean hasOtherPrefix(String text) {
      int end = text.indexOf(prefix.charAt(prefix.length() - 1));
      return end > 0 && OTHER_PREFIX.matches(text.substring(0, end));
    }

    @Override
    public String join(Map<String, String> named, String signature) {
      return prefix + signature;
    }
  }

  /**
   * {@code name=value} parts with commas between them and no blanks, in any order, such as {@code
   * t=1,v1=ab}. A name that is neither known nor another version is refused.
   *
   * @param separator between parts
   * @param blanks whether values may hold blanks
   * @param part the signature's name: letters and a number, such as {@code v1}
   * @param atMost how many signatures there may be
   * @param otherVersions what to do with the same letters and another number
   * @param known the names of the parts that hold other values
   */
  record KeyValues(
      String part,
      int atMost,
      OtherVersions otherVersions,
      Set<String> known,
      char separator,
      boolean blanks)
      implements SignatureForm {
    private static final int MAX_VERSION_DIGITS = 9;

    @Override
    public Parts split(String text) throws Refusal {
      if (!HeaderText.isVisibleOr(text, blanks ? ' ' : '!')) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      List<String> signatures = new ArrayList<>(2);
      Map<String, String> named = new HashMap<>();
      Set<String> others = new HashSet<>();
      int from = 0;
      while (from <= text.length()) {
        int next = text.indexOf(separator, from);
        int end = next < 0 ? text.length() : next;
        int equals = text.indexOf('=', from);
        if (equals < 0 || equals >= end) {
          throw Refusal.of(Reason.SIGNATURE_MALFORMED);
        }
        take(
            text.substring(from, equals),
            text.substring(equals + 1, end),
            signatures,
            named,
            others);
        from = end + 1;
      }
      if (signatures.isEmpty()) {
        throw Refusal.of(
            others.isEmpty() ? Reason.SIGNATURE_MALFORMED : Reason.SIGNATURE_VERSION_UNSUPPORTED);
      }
      return new Parts(signatures, named);
    }

    private void take(
        String name,
        String value,
        List<String> signatures,
        Map<String, String> named,
        Set<String> others)
        throws Refusal {
      if (name.equals(part)) {
        if (signatures.size() == atMost) {
          throw Refusal.of(Reason.SIGNATURE_MALFORMED);
        }
        signatures.add(value);
      } else if (known.contains(name)) {
        if (named.put(name, value) != null) {
          throw Refusal.of(Reason.HEADER_DUPLICATED);
        }
      } else if (!isOtherVersion(name)) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      } else if (!others.add(name) && otherVersions == OtherVersions.ONCE) {
        throw Refusal.of(Reason.HEADER_DUPLICATED);
      }
    }

    private boolean isOtherVersion(String name) {
      int letters = letters(part);
      int digits = name.length() - letters;
      return digits >= 1
          && digits <= MAX_VERSION_DIGITS
          && name.regionMatches(0, part, 0, letters)
          && letters(name) == letters
          && name.chars().skip(letters).allMatch(c -> c >= '0' && c <= '9')
          && (name.charAt(letters) != '0' || digits == 1);
    }

    private static int letters(String name) {
      int letters = 0;
      while (letters < name.length()
          && name.charAt(letters) >= 'a'
          && name.charAt(letters) <= 'z') {
        letters++;
      }
      return letters;
    }

    @Override
    public String join(Map<String, String> named, String signature) {
      StringBuilder header = new StringBuilder();
      named.forEach(
          (name, value) -> header.append(name).append('=').append(value).append(separator));
      return header.append(part).append('=').append(signature).toString();
    }
  }

  /**
   * {@code version,signature} entries with one blank between them, such as {@code v1,ab v1a,cd}.
   *
   * @param version the version that is verified; others of the form {@code v<number>[letter]} are
   *     ignored
   * @param atMost how many entries there may be
   */
  record VersionedList(String version, int atMost) implements SignatureForm {
    @Override
    public Parts split(String text) throws Refusal {
      if (!HeaderText.isVisibleOr(text, ' ')) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      List<String> signatures = new ArrayList<>(2);
      int entries = 0;
      int from = 0;
      while (from <= text.length()) {
        int blank = text.indexOf(' ', from);
        int end = blank < 0 ? text.length() : blank;
        int comma = text.indexOf(',', from);
        if (comma < 0 || comma >= end || ++entries > atMost) {
          throw Refusal.of(Reason.SIGNATURE_MALFORMED);
        }
        String name = text.substring(from, comma);
        if (name.equals(version)) {
          signatures.add(text.substring(comma + 1, end));
        } else if (!isVersion(name)) {
          throw Refusal.of(Reason.SIGNATURE_MALFORMED);
        }
        from = end + 1;
      }
      if (signatures.isEmpty()) {
        throw Refusal.of(Reason.SIGNATURE_VERSION_UNSUPPORTED);
      }
      return new Parts(signatures, Map.of());
    }

    private static boolean isVersion(String name) {
      if (name.length() < 2 || name.length() > 8 || name.charAt(0) != 'v') {
        return false;
      }
      char last = name.charAt(name.length() - 1);
      int end = last >= 'a' && last <= 'z' ? name.length() - 1 : name.length();
      return end > 1 && name.chars().limit(end).skip(1).allMatch(c -> c >= '0' && c <= '9');
    }

    @Override
    public String join(Map<String, String> named, String signature) {
      return version + "," + signature;
    }
  }
}
