-- Phần dùng chung của các bộ lọc: định dạng đích, từ ngữ, thoát ký tự. Không phải một bộ lọc.
local M = {}

--- Dừng việc dựng và nói vì sao. Quarto thay error() bằng một hàm ghi nhật ký rồi đi tiếp; assert dừng ở cả hai bộ dựng.
function M.tu_choi(vi_sao) assert(false, 'Từ chối dựng: ' .. vi_sao) end

local DANG = { html = true, html4 = true, html5 = true, typst = true, docx = true }
if not DANG[FORMAT] then M.tu_choi('dạng "' .. FORMAT .. '"; chỉ nhận html, typst (PDF) và docx.') end

M.html = FORMAT:match('html') ~= nil
M.typst = FORMAT:match('typst') ~= nil
M.docx = FORMAT:match('docx') ~= nil

local mac_dinh = {
  ['toc-title-document'] = 'Mục lục',
  ['callout-note-title'] = 'Ghi chú',
  ['callout-warning-title'] = 'Lưu ý',
  ['callout-important-title'] = 'Quan trọng',
  ['callout-tip-title'] = 'Gợi ý',
  ['callout-caution-title'] = 'Thận trọng',
  ['crossref-fig-title'] = 'Hình',
  ['crossref-tbl-title'] = 'Bảng',
  ['crossref-fig-prefix'] = 'Hình',
  ['crossref-tbl-prefix'] = 'Bảng',
  ['crossref-sec-prefix'] = 'mục',
  ['crossref-apx-prefix'] = 'Phụ lục',
  ['the-thuc-du-thao'] = 'DỰ THẢO',
  ['the-thuc-noi-nhan'] = 'Nơi nhận:',
}

--- Hàm tra từ ngữ: siêu dữ liệu tu-ngu (lấy từ _language.yml), nếu thiếu thì mặc định.
function M.tu_ngu(meta)
  local bang = (meta and meta['tu-ngu']) or {}
  return function(khoa)
    local co = bang[khoa]
    if co ~= nil then return pandoc.utils.stringify(co) end
    return mac_dinh[khoa] or khoa
  end
end

--- Giá trị đúng/sai của một khóa siêu dữ liệu.
function M.bat(gia_tri)
  if gia_tri == nil then return false end
  if type(gia_tri) == 'boolean' then return gia_tri end
  return pandoc.utils.stringify(gia_tri) == 'true'
end

function M.xml(chuoi)
  return (chuoi:gsub('&', '&amp;'):gsub('<', '&lt;'):gsub('>', '&gt;'):gsub('"', '&quot;'))
end

--- Chuỗi Typst có dấu nháy: dùng làm đối số của hàm.
function M.chuoi_typst(chuoi)
  return '"' .. chuoi:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('\n', ' ') .. '"'
end

function M.raw(chuoi)
  local loai = M.html and 'html' or M.typst and 'typst' or 'openxml'
  return pandoc.RawBlock(loai, chuoi)
end

function M.raw_trong_dong(chuoi)
  local loai = M.html and 'html' or M.typst and 'typst' or 'openxml'
  return pandoc.RawInline(loai, chuoi)
end

--- Tách "A|B" hoặc "A<br>B" thành các dòng.
function M.cac_dong(chuoi)
  local ra = {}
  for dong in (chuoi:gsub('<[bB][rR]%s*/?>', '|') .. '|'):gmatch('(.-)|') do
    ra[#ra + 1] = dong:match('^%s*(.-)%s*$')
  end
  return ra
end

--- Đổi Plain thành Para: kiểu đoạn (custom-style) của DOCX chỉ áp dụng cho Para.
function M.thanh_para(khoi)
  return pandoc.Blocks(khoi):map(function(k)
    if k.t == 'Plain' then return pandoc.Para(k.content) end
    return k
  end)
end

function M.kieu(ten, khoi)
  return pandoc.Div(M.thanh_para(khoi), pandoc.Attr('', {}, { ['custom-style'] = ten }))
end

--- Bảng một ô: khung bao quanh một nhóm khối trong DOCX.
function M.khung_docx(kieu_bang, khoi)
  local bang = pandoc.utils.from_simple_table(
    pandoc.SimpleTable({}, { pandoc.AlignLeft }, { 1.0 }, {}, { { khoi } }))
  bang.attr = pandoc.Attr('', {}, { ['custom-style'] = kieu_bang })
  return { bang, M.cach() }
end

--- DOCX: đoạn ngắn giữa bảng và khối sau (hai bảng liền nhau sẽ bị Word nhập làm một).
function M.cach()
  return pandoc.RawBlock('openxml', '<w:p><w:pPr><w:pStyle w:val="SauBang"/></w:pPr></w:p>')
end

return M
