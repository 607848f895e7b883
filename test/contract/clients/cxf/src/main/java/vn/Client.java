package vn;

import jakarta.xml.ws.BindingProvider;
import jakarta.xml.ws.handler.MessageContext;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.*;
import vn.dancu.*;

/*
Asks the contract of older systems with Apache CXF (Java 17), from classes that it makes of the WSDL.

    dean06 demo                                                       # in another window
    mvn -q compile exec:java -Dgateway=http://127.0.0.1:8037          # the gateway's port of the agency H55

A fault of SOAP 1.2 has the status 400, as its specification says; CXF hands it on when it is told to (see prove), and without
being told on the port of SOAP 1.1, which is the first one.
*/
public class Client {
    static void prove(Object port) throws Exception {
        Map<String, Object> in = ((BindingProvider) port).getRequestContext();
        String at = (String) in.get(BindingProvider.ENDPOINT_ADDRESS_PROPERTY), stamp = String.valueOf(System.currentTimeMillis());
        byte[] sum = MessageDigest.getInstance("SHA-256").digest((at + "test-user" + stamp + "test-secret").getBytes(StandardCharsets.UTF_8));
        String basic = Base64.getEncoder().encodeToString(("test-user:" + HexFormat.of().formatHex(sum)).getBytes(StandardCharsets.UTF_8));
        in.put("org.apache.cxf.transport.process_fault_on_http_400", true);
        in.put(MessageContext.HTTP_REQUEST_HEADERS, new HashMap<>(Map.of("Timestamp", List.of(stamp), "Authorization", List.of("Basic " + basic))));
    }

    static TraCuuThongTinCongDan ask() {
        TraCuuThongTinCongDan q = new TraCuuThongTinCongDan();
        q.setMaYeuCau(UUID.randomUUID().toString()); q.setMaDVC("1.001193"); q.setMaCanBo("canbo.test"); q.setSoDinhDanh("001090000001");
        q.setHoVaTen("Nguyễn Văn Thử");
        return q;
    }

    public static void main(String[] args) throws Exception {
        DanCuService service = new DanCuService(new URL(args[0] + "/csdlqgdc/037?wsdl"));
        for (boolean mtom : new boolean[] {false, true})
        for (DanCu port : List.of(service.getDanCuSoap(), service.getDanCuSoap12())) {
            ((jakarta.xml.ws.soap.SOAPBinding) ((BindingProvider) port).getBinding()).setMTOMEnabled(mtom);
            prove(port);
            CongdanCollection got = port.traCuuThongTinCongDan(ask());
            System.out.println("found, mtom " + mtom + ": " + got.getCongDan().get(0).getHoVaTen().getTen());
            prove(port);
            try {
                TraCuuThongTinCongDan q = ask(); q.setMaCanBo("ai.do");
                port.traCuuThongTinCongDan(q);
                System.out.println("FAIL no fault");
            } catch (Loi_Exception e) {
                System.out.println("fault " + e.getFaultInfo().getMaLoi() + ": " + e.getMessage());
            }
        }
    }
}
