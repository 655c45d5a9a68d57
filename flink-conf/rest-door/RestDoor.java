package pycturestream;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.io.network.netty.InboundChannelHandlerFactory;
import org.apache.flink.shaded.netty4.io.netty.buffer.Unpooled;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelFutureListener;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandler;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandlerContext;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.DefaultFullHttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.FullHttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpHeaderNames;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpMethod;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpRequest;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpResponseStatus;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpServerCodec;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpVersion;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.QueryStringDecoder;
import org.apache.flink.shaded.netty4.io.netty.util.ReferenceCountUtil;

/**
 * Keeps pages of other sites out of Flink's REST interface, which has no login.
 *
 * <p>Whoever posts a job graph runs a program, and a browser posts forms to any address for any
 * page. Clients that are no browser send none of the headers that are judged here, but for Host.
 * Flink finds this class by its service file and applies it to the job manager and the SQL gateway.
 */
public final class RestDoor implements InboundChannelHandlerFactory {

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Optional<ChannelHandler> createHandler(
            Configuration configuration, Map<String, String> responseHeaders) {
        Set<String> names = new HashSet<>();
        names.add("localhost");
        configuration
                .getOptional(RestOptions.ADDRESS)
                .ifPresent(address -> names.add(address.toLowerCase(Locale.ROOT)));
        return Optional.of(new Installer(names));
    }

    /** Puts the guard in front of what stores uploaded files, where Flink has no place for it. */
    private static final class Installer extends ChannelInboundHandlerAdapter {
        private final Set<String> names;

        Installer(Set<String> names) {
            this.names = names;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            String codec = context.pipeline().context(HttpServerCodec.class).name();
            context.pipeline().addAfter(codec, "rest-door", new Guard(names));
        }
    }

    /** Answers 403, and closes the connection, where `objection` has one. */
    private static final class Guard extends ChannelInboundHandlerAdapter {
        private final Set<String> names;
        private boolean closed;

        Guard(Set<String> names) {
            this.names = names;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            String objection =
                    message instanceof HttpRequest request ? objection(request, names) : "";
            if (closed || !objection.isEmpty()) {
                ReferenceCountUtil.release(message);
                if (!closed) {
                    closed = true;
                    refuse(context, objection);
                }
                return;
            }
            context.fireChannelRead(message);
        }

        private static void refuse(ChannelHandlerContext context, String objection) {
            byte[] body = (objection + "\n").getBytes(StandardCharsets.UTF_8);
            FullHttpResponse response =
                    new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1,
                            HttpResponseStatus.FORBIDDEN,
                            Unpooled.wrappedBuffer(body));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                    .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                    .set(HttpHeaderNames.CONNECTION, "close");
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Returns why a request is refused; empty if it is not. */
    static String objection(HttpRequest request, Set<String> names) {
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.size() != 1 || !isOurs(hosts.get(0), names)) {
            // A page whose site's name was pointed at this machine after it was loaded.
            return "Host must be an IP address, localhost or this server's name";
        }
        for (String origin : request.headers().getAll(HttpHeaderNames.ORIGIN)) {
            if (!origin.equalsIgnoreCase("http://" + hosts.get(0))
                    && !origin.equalsIgnoreCase("https://" + hosts.get(0))) {
                return "pages of other sites may not ask this server";
            }
        }
        String site = request.headers().get("Sec-Fetch-Site", "none");
        if (!site.equals("none") && !site.equals("same-origin") && !isFollowedLink(request)) {
            return "pages of other sites may not ask this server";
        }
        // A GET that cancels a job, for YARN's proxy; no client of ours uses it.
        String path = path(request);
        if (path.contains("yarn-cancel") || path.contains("yarn-stop")) {
            return "not offered here";
        }
        return "";
    }

    /** Returns whether a host, with or without a port, is one that no foreign site can have. */
    private static boolean isOurs(String host, Set<String> names) {
        String name = host.toLowerCase(Locale.ROOT).replaceFirst(":\\d*$", "");
        return names.contains(name)
                || name.matches("\\d{1,3}(\\.\\d{1,3}){3}")
                || name.matches("\\[[0-9a-f:.]+]");
    }

    /** Returns whether a person followed a link to here: a page of its own, in no frame. */
    private static boolean isFollowedLink(HttpRequest request) {
        return request.method().equals(HttpMethod.GET)
                && request.headers().get("Sec-Fetch-Mode", "").equals("navigate")
                && request.headers().get("Sec-Fetch-Dest", "").equals("document");
    }

    /** Returns the path as Flink's router reads it. */
    private static String path(HttpRequest request) {
        try {
            return new QueryStringDecoder(request.uri()).path().toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException badEscape) {
            return "";
        }
    }
}
