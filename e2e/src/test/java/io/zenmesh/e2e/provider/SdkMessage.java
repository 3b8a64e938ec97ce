package io.zenmesh.e2e.provider;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A message for a library to sign.
 *
 * @param form the pairs of a form body; empty for every other body
 */
record SdkMessage(
    String sdk, String secret, String url, String id, long seconds, String body, List<Pair> form) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int LONGEST = 4096;

  /** A name and a value of a form. */
  record Pair(String name, String value) {}

  /** Random text as JSON, or for every second message of Twilio a form. */
  static SdkMessage random(
      String sdk, String secret, String url, int number, long seconds, Random random) {
    String id = "msg_" + number + "_" + Long.toHexString(random.nextLong());
    if (sdk.equals("twilio") && number % 2 == 0) {
      List<Pair> form = form(random);
      String body =
          form.stream()
              .map(pair -> pair.name() + "=" + encoded(pair.value()))
              .collect(Collectors.joining("&"));
      return new SdkMessage(sdk, secret, url, id, seconds, body, form);
    }
    String body =
        "{\"id\": \"" + id + "\", \"text\":\"" + text(random, random.nextInt(LONGEST)) + "\"}\n";
    return new SdkMessage(sdk, secret, url, id, seconds, body, List.of());
  }

  private static List<Pair> form(Random random) {
    List<Pair> form = new ArrayList<>();
    for (int i = random.nextInt(8); i >= 0; i--) {
      // Names that stand twice are the harder half of Twilio's rule.
      form.add(new Pair("Name" + random.nextInt(6), text(random, random.nextInt(40))));
    }
    return form;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** Of one, two and three bytes in UTF-8; nothing that JSON would escape. */
  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(
          switch (random.nextInt(8)) {
            case 0 -> (char) (0xa1 + random.nextInt(0x300));
            case 1 -> (char) (0x3041 + random.nextInt(0x50));
            case 2 -> ' ';
            case 3 -> "&=+%/?#".charAt(random.nextInt(7));
            default -> (char) ('A' + random.nextInt(26));
          });
    }
    return text.toString();
  }

  String contentType() {
    return form.isEmpty() ? "application/json" : "application/x-www-form-urlencoded";
  }

  JsonNode toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("sdk", sdk).put("secret", secret).put("url", url).put("id", id);
    json.put("seconds", seconds).put("body", body);
    if (!form.isEmpty()) {
      ArrayNode pairs = json.putArray("form");
      form.forEach(pair -> pairs.addArray().add(pair.name()).add(pair.value()));
    }
    return json;
  }
}
