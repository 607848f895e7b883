<?php
/*
Asks the contract of older systems with PHP's own SoapClient, from its WSDL alone.

    apt-get install php-cli php-soap
    dean06 demo                               # in another window
    php client.php http://127.0.0.1:8037      # the gateway's port of the agency H55

Each line says what was tried; the program ends with 1 when one of them fails.
*/
$gateway = $argv[1] ?? 'http://127.0.0.1:8037';
$failed = 0;

class Proven extends SoapClient
{
    public $packed = false; // gzip

    // Proves the system on each call: the password is made of the address and the time.
    public function __doRequest($request, $location, $action, $version, $oneWay = false): ?string
    {
        $stamp = (string) (int) (microtime(true) * 1000);
        $password = hash('sha256', $location . 'test-user' . $stamp . 'test-secret');
        stream_context_set_option($this->context, ['http' => [
            'header' => "Timestamp: $stamp\r\nAuthorization: Basic " . base64_encode("test-user:$password"),
        ]]);
        return parent::__doRequest($request, $location, $action, $version, $oneWay);
    }

    public $context;
}

function client(string $code, int $version, array $more = []): Proven
{
    global $gateway;
    $context = stream_context_create();
    $c = new Proven("$gateway/csdlqgdc/$code?wsdl", $more + [
        'soap_version' => $version, 'cache_wsdl' => WSDL_CACHE_NONE, 'stream_context' => $context, 'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    ]);
    $c->context = $context;
    return $c;
}

function who(array $more): array
{
    return $more + ['MaYeuCau' => bin2hex(random_bytes(8)), 'MaDVC' => '1.001193', 'MaCanBo' => 'canbo.test', 'SoDinhDanh' => '001090000001'];
}

function tell(string $name, bool $ok, $got = null): void
{
    global $failed;
    $failed += $ok ? 0 : 1;
    echo $ok ? 'ok   ' : 'FAIL ', $name, $ok ? '' : ' ' . print_r($got, true), "\n";
}

foreach (['SOAP 1.1' => SOAP_1_1, 'SOAP 1.2' => SOAP_1_2] as $name => $version) {
    $c = client('037', $version);
    $got = $c->TraCuuThongTinCongDan(who(['HoVaTen' => 'Nguyễn Văn Thử', 'NgayThangNamSinh' => ['NgayThangNam' => '19900101']]));
    tell("$name: somebody is found", ($got->CongDan[0]->HoVaTen->Ten ?? '') === 'NGUYỄN VĂN THỬ', $got);
    $got = $c->TraCuuThongTinCongDan(who(['MaDVC' => '1.001193.01']));
    tell("$name: for a case of the procedure", count($got->CongDan ?? []) === 1, $got);
    $got = $c->TraCuuThongTinCongDan(who(['HoVaTen' => 'Trần Văn Khác']));
    tell("$name: another name finds nobody", empty($got->CongDan), $got);
    $latin = client('037', $version, ['encoding' => 'ISO-8859-1']);
    $got = $latin->TraCuuThongTinCongDan(who(['HoVaTen' => 'NGUYENVANTHU']));
    tell("$name: with strings in ISO-8859-1", count($got->CongDan ?? []) === 1, $got);
    $gzip = client('037', $version, ['compression' => SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_GZIP | 9]);
    $got = $gzip->TraCuuThongTinCongDan(who([]));
    tell("$name: packed by gzip", count($got->CongDan ?? []) === 1, $got);
    foreach ([['9.999999', 'canbo.test', '004'], ['1.001193', 'ai.do', '005']] as [$procedure, $officer, $code]) {
        try {
            $got = $c->TraCuuThongTinCongDan(who(['MaDVC' => $procedure, 'MaCanBo' => $officer]));
            tell("$name: a fault $code", false, $got);
        } catch (SoapFault $fault) {
            tell("$name: a fault $code", ($fault->detail->Loi->MaLoi ?? '') === $code && strpos($fault->getMessage(), $code) === 0, $fault);
        }
    }
    $got = client('033', $version)->XacThucThongTinCongDan(['MaDichVu' => '1.001193'] + who(['HoVaTen' => 'NGUYENVANTHU']));
    tell("$name: matches", $got->TonTai === true, $got);
    $rest = client('099', $version);
    $got = $rest->CungCapThongTinHoGiaDinh(who([]));
    tell("$name: a household", ($got->CongDan[0]->ChuHo->QuanHe ?? '') === 'CH01', $got);
    $list = $rest->CungCapDanhSachTheoDoTuoi(['MaDiaPhuong' => '01', 'TuTuoi' => 30, 'DenTuoi' => 31] + who([]));
    tell("$name: a list is asked for", is_int($list->TienDo ?? null) && $list->IdYeuCau !== '', $list);
    $got = $rest->GetRequests(who([]));
    tell("$name: own lists", in_array($list->IdYeuCau, array_map(fn ($x) => $x->IdYeuCau, $got->YeuCau)), $got);
}
exit($failed ? 1 : 0);
