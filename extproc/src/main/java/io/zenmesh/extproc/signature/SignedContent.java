package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.List;
import javax.crypto.Mac;

/** The bytes that were signed, in pieces, so that the body is never copied. */
final class SignedContent {
  /** Of schemes that sign nothing. */
  static final SignedContent NONE = new SignedContent(List.of());

  private static final byte[] NO_SECRET = new byte[0];

  /** A run of bytes. */
  sealed interface Piece {
    void feed(Mac mac);

    record Text(byte[] bytes) implements Piece {
      @Override
      public void feed(Mac mac) {
        mac.update(bytes);
      }
    }

    record Body(ByteBuffer bytes) implements Piece {
      @Override
      public void feed(Mac mac) {
        if (bytes.hasArray()) {
          mac.update(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        } else {
          mac.update(bytes.duplicate());
        }
      }
    }

    /** Where the key itself stands, for schemes that hash it with the message. */
    record Secret() implements Piece {
      @Override
      public void feed(Mac mac) {
        throw new IllegalStateException("a keyed hash signs no secret (SchemeRules)");
      }
    }
  }

  private final List<Piece> pieces;

  SignedContent(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
  }

  SignedContent(Piece only) {
    this.pieces = List.of(only);
  }

  void feed(Mac mac) {
    for (int i = 0; i < pieces.size(); i++) {
      pieces.get(i).feed(mac);
    }
  }

  void feed(Signature signature, byte[] secret) throws GeneralSecurityException {
    for (Piece piece : pieces) {
      switch (piece) {
        case Piece.Text(byte[] bytes) -> signature.update(bytes);
        case Piece.Body(ByteBuffer bytes) -> signature.update(bytes.duplicate());
        case Piece.Secret ignored -> signature.update(secret);
      }
    }
  }

  void feed(MessageDigest digest, byte[] secret) {
    for (Piece piece : pieces) {
      switch (piece) {
        case Piece.Text(byte[] bytes) -> digest.update(bytes);
        case Piece.Body(ByteBuffer bytes) -> digest.update(bytes.duplicate());
        case Piece.Secret ignored -> digest.update(secret);
      }
    }
  }

  /** SHA-256 of the content without its secret, so that two live secrets give one message. */
  byte[] digest() {
    MessageDigest digest = Sha256.local();
    feed(digest, NO_SECRET);
    return digest.digest();
  }

  /** One copy of everything but the secret; not for the path of a request. */
  byte[] toBytes() {
    int length = 0;
    for (Piece piece : pieces) {
      length +=
          switch (piece) {
            case Piece.Text(byte[] bytes) -> bytes.length;
            case Piece.Body(ByteBuffer bytes) -> bytes.remaining();
            case Piece.Secret ignored -> 0;
          };
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (Piece piece : pieces) {
      switch (piece) {
        case Piece.Text(byte[] bytes) -> all.put(bytes);
        case Piece.Body(ByteBuffer bytes) -> all.put(bytes.duplicate());
        case Piece.Secret ignored -> {
          // Never copied.
        }
      }
    }
    return all.array();
  }
}
