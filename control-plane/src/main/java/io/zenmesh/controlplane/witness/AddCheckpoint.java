package io.zenmesh.controlplane.witness;

import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a witness is asked, {@code POST /add-checkpoint} of C2SP tlog-witness, read strictly; its
 * signatures and its proof are not yet checked.
 *
 * @param old the size that the witness is believed to have cosigned last, 0 for none
 * @param proof that the checkpoint's log begins with the log of the old size
 * @param checkpoint to be cosigned
 */
record AddCheckpoint(long old, List<Hash> proof, SignedCheckpoint checkpoint) {
  /** More than any request needs: 63 hashes and a note. */
  static final int MAX_BYTES = 64 * 1024;

  private static final int MAX_PROOF = 63;
  private static final Pattern OLD = Pattern.compile("old (0|[1-9][0-9]{0,17})");
  private static final Pattern HASH = Pattern.compile("[A-Za-z0-9+/]{43}=");

  /** Copies the list. */
  AddCheckpoint {
    proof = List.copyOf(proof);
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it has another form
   */
  static AddCheckpoint parse(byte[] body) {
    String text = text(body);
    int end = text.indexOf("\n\n");
    if (body.length > MAX_BYTES || end < 0) {
      throw malformed();
    }
    List<String> lines = List.of(text.substring(0, end).split("\n", -1));
    Matcher old = OLD.matcher(lines.getFirst());
    if (!old.matches() || lines.size() > 1 + MAX_PROOF) {
      throw malformed();
    }
    List<Hash> proof = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      if (!HASH.matcher(line).matches()) {
        throw malformed();
      }
      proof.add(Hash.of(Base64.getDecoder().decode(line)));
    }
    String note = text.substring(end + 2);
    // A history may have empty lines between its notes; one note alone has none around it.
    if (note.startsWith("\n") || note.endsWith("\n\n")) {
      throw malformed();
    }
    return new AddCheckpoint(Long.parseLong(old.group(1)), proof, SignedCheckpoint.parse(note));
  }

  /** The same as it is sent. */
  static String form(long old, List<Hash> proof, String note) {
    StringBuilder body = new StringBuilder("old ").append(old).append('\n');
    proof.forEach(it -> body.append(it.base64()).append('\n'));
    return body.append('\n').append(note).toString();
  }

  private static String text(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw malformed();
    }
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException(
        "request: malformed (expected: add-checkpoint of C2SP tlog-witness)");
  }
}
