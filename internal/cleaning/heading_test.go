package cleaning

import (
	"strings"
	"testing"
)

// TestHeadings reads headings as people and programs write them.
func TestHeadings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ headings, want string }{
		{"STT|Họ và tên|Ngày sinh|Giới tính|Số CCCD/CMND|Địa chỉ thường trú", "- name birth sex number address"},
		{"TT|HỌ VÀ TÊN|NGÀY, THÁNG, NĂM SINH|GIỚI TÍNH|SỐ CMND/CCCD|ĐỊA CHỈ", "- name birth sex number address"},
		{"stt|ho ten|ngay sinh|gioi tinh|cmt|dia chi", "- name birth sex number address"},
		{"ID|ten_benh_nhan|ngay_sinh|gioi|so_cccd|diachi", "- name birth sex number address"},
		{"MaBN|HoTen|NgaySinh|GioiTinh|CCCD|DiaChi", "- name birth sex number address"},
		{"STT|Họ tên|Năm sinh|GT|Mã định danh|Xã|Huyện|Tỉnh", "- name year sex number commune district province"},
		{"STT|Họ tên|Ngày/tháng/năm sinh|Giới tính (1: nam, 0: nữ)|Số ĐDCN/CCCD|Nơi thường trú", "- name birth sex number address"},
		{
			"STT|Họ và tên đệm|Tên|Ngày|Tháng|Năm|Nam|Nữ|CMND|Xã/Phường|Quận/Huyện|Tỉnh/Thành phố",
			"- surname given day month year male female number commune district province",
		},
		{
			"STT|Họ|Tên đệm|Tên|Ngày sinh|Phái|Số định danh cá nhân|SĐT|Mã BHXH|Quê quán|Địa chỉ",
			"- surname middle given birth sex number - - - address",
		},
		{"No.|Full name|Date of birth|Gender|ID card No|Address", "- name birth sex number address"},
		{"id|first_name|last_name|dob|sex|national_id|address|phone", "- given surname birth sex number address -"},
		{"patient_id|patient_name|birth_year|gender|citizen_id|ward|district|province", "- name year sex number commune district province"},
		{
			"Họ và tên học sinh|Ngày sinh|Giới tính|Lớp|Số định danh|Họ tên cha|Năm sinh cha|CCCD cha|Họ tên mẹ|Số điện thoại",
			"name birth sex - number - - - - -",
		},
		{"HOTEN|NGAYSINH|PHAI|CMND|MATINH|MAHUYEN|MAXA", "name birth sex number province district commune"},
		{"ho_ten|nam_sinh|gioi_tinh|so_cmnd|ngay_cap|noi_cap|dia_chi", "name year sex number - - address"},
		{"TEN_DAY_DU|NTNS|NAM_NU|SO_GIAY_TO|DCTT", "name birth sex number address"},
		{"Tên khách hàng|Sinh ngày|Nam/Nữ|Giấy tờ tùy thân|Ngày cấp|Nơi ở hiện tại|Hộ khẩu thường trú", "name birth sex number - address -"},
		{"Họ Tên|Ngày Sinh|Giới Tính|CCCD/Hộ chiếu|Ngày tiêm|Mũi 1|Vắc xin|Số lô|Địa chỉ", "name birth sex number - - - - address"},
		{"Họ và tên hội viên|Năm sinh Nam|Năm sinh Nữ|Số CCCD|Nơi cư trú", "name male female number address"},
		{
			"ho_va_ten|ngay_thang_nam_sinh|gioi_tinh|so_dinh_danh_ca_nhan|ma_tinh|ma_huyen|ma_xa",
			"name birth sex number province district commune",
		},
		{
			"Đối tượng|Họ và chữ đệm|Tên|Năm sinh|Dân tộc|CMTND|Thôn/xóm|Xã|Huyện|Tỉnh|Ghi chú",
			"- surname given year - number - commune district province -",
		},
		{"fullName|dateOfBirth|genderCode|identityNumber|permanentAddress", "name birth sex number address"},
		{"TenNguoiBenh|NamSinh|GioiTinh|SoTheBHYT|SoCCCD|DiaChiNha", "name year sex - number address"},
		{"Họ và tên chủ hộ|Ngày sinh|Giới tính|Số CCCD|Địa chỉ", "name birth sex number address"},
		{"Họ và tên chủ hộ|Họ và tên|Ngày sinh|CCCD chủ hộ|CCCD", "- name birth - number"},
		{"Number|Name|Birthday|M/F|Home address", "number name birth sex address"},
		{"Số thứ tự|Họ và tên|Sinh năm|Nam|Nữ|Số CMND hoặc CCCD hoặc hộ chiếu|Chỗ ở hiện nay", "- name year male female number address"},
		{"Họ tên cán bộ|Ngày sinh|Đơn vị|CCCD", "name birth - number"},
		{
			"Mã cơ sở tiêm|Tỉnh nơi tiêm|Họ tên|Năm sinh (hoặc ngày sinh)|Người tiêm|Địa chỉ (số nhà, xã, huyện, tỉnh)",
			"- - name year - address",
		},
		{"Họ và tên|Tháng khám|Ngày vào viện|Tuổi|CCCD", "name - - - number"},
	} {
		headings := strings.Split(tt.headings, "|")
		var got []string
		for _, k := range recognise(headings, nil).Kinds {
			got = append(got, strings.Replace(string(k), "ignore", "-", 1))
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s:\n  %s, want\n  %s", tt.headings, s, tt.want)
		}
	}
}
