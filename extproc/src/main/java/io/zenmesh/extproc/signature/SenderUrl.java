package io.zenmesh.extproc.signature;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The URL that a sender signed, for schemes that sign one: the endpoint's public URL with the
 * request's own query, else what the request says of itself.
 *
 * @param bothPorts whether senders sign it with or without the default port
 * @param decoded characters whose percent escapes the sender undoes first
 */
record SenderUrl(boolean bothPorts, String decoded) {
  /** As it is. */
  static final SenderUrl VERBATIM = new SenderUrl(false, "");

  /**
   * Every spelling that the sender may have signed, most likely first.
   *
   * @param publicUrl an absolute URL that {@link Authority#ofPublicUrl} accepts
   * @param authority of the request
   * @param path of the request, with its query
   */
  List<String> spellings(Optional<String> publicUrl, String authority, String path) {
    int mark = path.indexOf('?');
    String query = mark < 0 ? "" : path.substring(mark);
    String ownPath = mark < 0 ? path : path.substring(0, mark);
    String base = publicUrl.map(SenderUrl::withoutQuery).orElse("https://" + authority + ownPath);
    int slash = base.indexOf('/', base.indexOf("://") + "://".length());
    if (slash < 0) {
      base = base + ownPath;
      slash = base.indexOf('/', base.indexOf("://") + "://".length());
    }
    String rest = base.substring(slash) + query;
    List<String> spellings = new ArrayList<>();
    spellings.add(undo(base.substring(0, slash) + rest));
    if (bothPorts) {
      otherPort(base.substring(0, slash)).ifPresent(other -> spellings.add(undo(other + rest)));
    }
    return spellings;
  }

  private static String withoutQuery(String url) {
    int mark = url.indexOf('?');
    return mark < 0 ? url : url.substring(0, mark);
  }

  private static Optional<String> otherPort(String origin) {
    try {
      URI uri = new URI(origin);
      String port = "http".equals(uri.getScheme()) ? ":80" : ":443";
      if (uri.getPort() < 0) {
        return Optional.of(origin + port);
      }
      return origin.endsWith(port)
          ? Optional.of(origin.substring(0, origin.length() - port.length()))
          : Optional.empty();
    } catch (URISyntaxException notAUrl) {
      return Optional.empty();
    }
  }

  private String undo(String url) {
    if (decoded.isEmpty() || url.indexOf('%') < 0) {
      return url;
    }
    StringBuilder undone = new StringBuilder(url.length());
    for (int i = 0; i < url.length(); i++) {
      int code = i + 2 < url.length() && url.charAt(i) == '%' ? hex(url, i + 1) : -1;
      if (code >= 0 && decoded.indexOf(code) >= 0) {
        undone.append((char) code);
        i += 2;
      } else {
        undone.append(url.charAt(i));
      }
    }
    return undone.toString();
  }

  private static int hex(String url, int at) {
    int high = Character.digit(url.charAt(at), 16);
    int low = Character.digit(url.charAt(at + 1), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }
}
