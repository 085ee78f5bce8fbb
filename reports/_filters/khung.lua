-- Khung của văn bản: thể thức đầu trang (.the-thuc), tiêu đề (.tieu-de), tóm tắt (.tom-tat),
-- ghi chú nguồn (.ghi-chu), nơi nhận và chữ ký (.noi-nhan), theo loại "dang" hoặc "nha_nuoc".
local chung = dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), 'chung.lua' }))
local x, s = chung.xml, chung.chuoi_typst

local tu = chung.tu_ngu(nil)
local loai_van_ban = 'dang'

-- Số để trống: khoảng trắng đủ cho ba chữ số viết tay.
local TRONG = string.rep('\u{a0}', 8)

local function doc_the_thuc(div)
  local a = div.attributes
  local loai = a.loai or 'dang'
  if loai ~= 'dang' and loai ~= 'nha_nuoc' then
    chung.tu_choi('the-thuc: loai="' .. loai .. '"; chỉ nhận "dang" hoặc "nha_nuoc".')
  end
  loai_van_ban = loai
  local so = a.so or ''
  return {
    loai = loai,
    -- Tên cơ quan in hoa theo thể thức, dù tham số viết thường.
    cap_tren = chung.cac_dong(pandoc.text.upper(a['co-quan-cap-tren'] or '')),
    co_quan = chung.cac_dong(pandoc.text.upper(a['co-quan'] or '')),
    so = (loai == 'dang' and 'Số ' or 'Số: ') .. (so == '' and TRONG or so) .. (a['ky-hieu'] or ''),
    noi_ngay = (a['dia-danh'] or '') .. ((a['dia-danh'] and a.ngay) and ', ' or '') .. (a.ngay or ''),
    du_thao = a['du-thao'] == 'true' and tu('the-thuc-du-thao') or nil,
  }
end

local function p_html(lop, dong)
  local ra = {}
  for _, d in ipairs(dong) do if d ~= '' then ra[#ra + 1] = x(d) end end
  if #ra == 0 then return '' end
  return '<p class="' .. lop .. '">' .. table.concat(ra, '<br>') .. '</p>'
end

local function the_thuc_html(t)
  local trai = p_html('cap-tren', t.cap_tren) .. p_html('co-quan' .. (t.loai == 'nha_nuoc' and ' ke-ngan' or ''), t.co_quan)
    .. (t.loai == 'dang' and '<p class="sao" aria-hidden="true">*</p>' or '')
    .. p_html('so-hieu', { t.so }) .. (t.du_thao and '<p class="du-thao"><strong>' .. x(t.du_thao) .. '</strong></p>' or '')
  local phai
  if t.loai == 'dang' then
    phai = '<p class="quoc-hieu ke"><span>ĐẢNG CỘNG SẢN VIỆT NAM</span></p>'
  else
    phai = '<p class="quoc-hieu">CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</p><p class="tieu-ngu ke"><span>Độc lập - Tự do - Hạnh phúc</span></p>'
  end
  phai = phai .. p_html('noi-ngay', { t.noi_ngay })
  return pandoc.RawBlock('html', '<div class="the-thuc the-thuc-' .. t.loai .. '"><div class="trai">' .. trai
    .. '</div><div class="phai">' .. phai .. '</div></div>')
end

local function mang_typst(dong)
  local ra = {}
  for _, d in ipairs(dong) do if d ~= '' then ra[#ra + 1] = s(d) end end
  return '(' .. table.concat(ra, ', ') .. (#ra == 1 and ',' or '') .. ')'
end

local function the_thuc_typst(t)
  return pandoc.RawBlock('typst', '#the-thuc(loai: ' .. s(t.loai) .. ', cap-tren: ' .. mang_typst(t.cap_tren)
    .. ', co-quan: ' .. mang_typst(t.co_quan) .. ', so: ' .. s(t.so) .. ', noi-ngay: ' .. s(t.noi_ngay)
    .. ', du-thao: ' .. (t.du_thao and s(t.du_thao) or 'none') .. ')')
end

-- DOCX: đoạn, ô và bảng không kẻ, viết thẳng bằng OpenXML.
local function doan(kieu, chu, co)
  local kieu_chu = co and '<w:rPr><w:sz w:val="' .. co * 2 .. '"/></w:rPr>' or ''
  return '<w:p><w:pPr><w:pStyle w:val="' .. kieu .. '"/></w:pPr><w:r>' .. kieu_chu .. '<w:t xml:space="preserve">'
    .. x(chu) .. '</w:t></w:r></w:p>'
end

local function cac_doan(kieu, dong, co)
  local ra = ''
  for _, d in ipairs(dong) do if d ~= '' then ra = ra .. doan(kieu, d, co) end end
  return ra
end

--- Đường kẻ dưới một dòng chữ: đoạn rỗng có viền trên, thụt hai bên (bề rộng tính bằng dxa).
local function ke_docx(rong_o, rong_ke, sau)
  local thut = math.floor((rong_o - rong_ke) / 2)
  return '<w:p><w:pPr><w:pStyle w:val="TheThucKe"/><w:pBdr><w:top w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>'
    .. '<w:spacing w:before="60" w:after="' .. (sau or 40) .. '"/><w:ind w:left="' .. thut .. '" w:right="' .. thut .. '"/></w:pPr></w:p>'
end

local function hai_cot(trai, phai, rong_trai, rong_phai)
  local function o(rong, trong)
    return '<w:tc><w:tcPr><w:tcW w:w="' .. rong .. '" w:type="dxa"/></w:tcPr>' .. trong .. '</w:tc>'
  end
  return pandoc.RawBlock('openxml', '<w:tbl><w:tblPr><w:tblStyle w:val="KhongKe"/><w:tblW w:w="' .. (rong_trai + rong_phai)
    .. '" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblLook w:val="0000"/></w:tblPr><w:tblGrid><w:gridCol w:w="'
    .. rong_trai .. '"/><w:gridCol w:w="' .. rong_phai .. '"/></w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>'
    .. o(rong_trai, trai) .. o(rong_phai, phai) .. '</w:tr></w:tbl>')
end

local function the_thuc_docx(t)
  local rong_trai = t.loai == 'dang' and 4700 or 3800
  local rong_phai = 9354 - rong_trai
  local co = t.loai == 'dang' and 14 or 13
  local trai = cac_doan('TheThuc', t.cap_tren, co) .. cac_doan('TheThucDam', t.co_quan, co)
  trai = trai .. (t.loai == 'dang' and doan('TheThuc', '*') or ke_docx(rong_trai, 1100)) .. doan('TheThuc', t.so, co)
  if t.du_thao then trai = trai .. doan('DuThao', t.du_thao) end
  local phai
  if t.loai == 'dang' then
    phai = doan('QuocHieuDang', 'ĐẢNG CỘNG SẢN VIỆT NAM') .. ke_docx(rong_phai, 4180)
  else
    phai = doan('QuocHieu', 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM') .. doan('TheThucDam', 'Độc lập - Tự do - Hạnh phúc')
      .. ke_docx(rong_phai, 3330)
  end
  phai = phai .. doan('NoiNgay', t.noi_ngay)
  return hai_cot(trai, phai, rong_trai, rong_phai)
end

local function the_thuc(div)
  local t = doc_the_thuc(div)
  if chung.html then return the_thuc_html(t) end
  if chung.typst then return the_thuc_typst(t) end
  if chung.docx then return the_thuc_docx(t) end
end

local function tieu_de(div)
  local doan_van = pandoc.Blocks(div.content):filter(function(k) return k.t == 'Para' or k.t == 'Plain' end)
  local ten = doan_van[1] and doan_van[1].content or pandoc.Inlines({})
  local trich = doan_van[2] and doan_van[2].content or pandoc.Inlines({})
  local bo_dam = { Strong = function(d) return d.content end }
  ten, trich = ten:walk(bo_dam), trich:walk(bo_dam)
  if chung.html then
    local dong = pandoc.Inlines({ pandoc.RawInline('html', '<h1 class="tieu-de tieu-de-' .. loai_van_ban .. '"><span class="ten-loai">') })
    dong:extend(ten)
    if #trich > 0 then
      dong:insert(pandoc.RawInline('html', '</span> <span class="trich-yeu">'))
      dong:extend(trich)
    end
    dong:insert(pandoc.RawInline('html', '</span></h1>'))
    return pandoc.Plain(dong)
  end
  if chung.typst then
    local dong = pandoc.Inlines({ pandoc.RawInline('typst', '#tieu-de(loai: ' .. s(loai_van_ban) .. ', [') })
    dong:extend(ten)
    dong:insert(pandoc.RawInline('typst', '], ['))
    dong:extend(trich)
    dong:insert(pandoc.RawInline('typst', '])'))
    return pandoc.Para(dong)
  end
  if chung.docx then
    local ra = { chung.kieu('Title', { pandoc.Para(ten) }) }
    if #trich > 0 then ra[2] = chung.kieu('Subtitle', { pandoc.Para(trich) }) end
    ra[#ra + 1] = loai_van_ban == 'dang' and pandoc.RawBlock('openxml', doan('NganCach', '-----'))
      or pandoc.RawBlock('openxml', ke_docx(9354, 2200, 200))
    return ra
  end
end

local function bao(div, mo, kieu_doan)
  if chung.typst then
    div.content:insert(1, pandoc.RawBlock('typst', mo .. '['))
    div.content:insert(pandoc.RawBlock('typst', ']'))
    return div.content
  end
  if chung.docx then return chung.kieu(kieu_doan, div.content) end
end

local function muc_noi_nhan(div)
  local muc = {}
  div:walk({
    BulletList = function(ds)
      for _, m in ipairs(ds.content) do muc[#muc + 1] = pandoc.utils.blocks_to_inlines(m) end
    end,
  })
  return muc
end

local function noi_nhan(div)
  local chuc, ten = chung.cac_dong(pandoc.text.upper(div.attributes['ky-chuc-danh'] or '')), div.attributes['ky-ten'] or ''
  local muc = muc_noi_nhan(div)
  local nhan = tu('the-thuc-noi-nhan')
  if chung.html then
    local khoi = pandoc.Blocks({ pandoc.RawBlock('html', '<div class="noi-nhan noi-nhan-' .. loai_van_ban
      .. '"><div class="nhan"><p class="nhan-ten">' .. x(nhan) .. '</p>') })
    khoi:insert(pandoc.BulletList(pandoc.List(muc):map(function(m) return { pandoc.Plain(m) } end)))
    local ky = p_html('chuc-danh', chuc) .. p_html('ky-ten', { ten })
    khoi:insert(pandoc.RawBlock('html', '</div><div class="ky">' .. ky .. '</div></div>'))
    return khoi
  end
  if chung.typst then
    local dong = pandoc.Inlines({ pandoc.RawInline('typst', '#noi-nhan(loai: ' .. s(loai_van_ban) .. ', nhan: ' .. s(nhan)
      .. ', chuc-danh: ' .. mang_typst(chuc) .. ', ten: ' .. s(ten)) })
    for _, m in ipairs(muc) do
      dong:insert(pandoc.RawInline('typst', ', ['))
      dong:extend(m)
      dong:insert(pandoc.RawInline('typst', ']'))
    end
    dong:insert(pandoc.RawInline('typst', ')'))
    return pandoc.Para(dong)
  end
  if chung.docx then
    local trai = doan(loai_van_ban == 'dang' and 'NoiNhanDang' or 'NoiNhan', nhan)
    for _, m in ipairs(muc) do trai = trai .. doan('NoiNhanMuc', '- ' .. pandoc.utils.stringify(m)) end
    local phai = cac_doan('TheThucDam', chuc) .. string.rep(doan('TheThuc', ''), 4) .. doan('TheThucDam', ten)
    return { chung.cach(), chung.cach(), hai_cot(trai, phai, 4400, 4954) }
  end
end

local function mot_khung(div)
  local lop = div.classes
  if lop:includes('the-thuc') then return the_thuc(div) end
  if lop:includes('tieu-de') then return tieu_de(div) end
  if lop:includes('tom-tat') then
    if chung.docx then
      local doan_van = div.content:walk({ Plain = function(k) return pandoc.Para(k.content) end })
      return chung.khung_docx('KhungTomTat', { chung.kieu('Tom tat', doan_van) })
    end
    return bao(div, '#tom-tat')
  end
  if lop:includes('ghi-chu') then return bao(div, '#ghi-chu', 'Ghi chu') end
  if lop:includes('noi-nhan') then return noi_nhan(div) end
end

--- DOCX: sau bảng là một khoảng cách, trừ khi ghi chú nguồn đứng ngay dưới.
local function cach_sau_bang(khoi)
  local ra = pandoc.Blocks({})
  for i, k in ipairs(khoi) do
    ra:insert(k)
    local sau = khoi[i + 1]
    local co_ghi_chu = sau and sau.t == 'Div' and sau.classes:includes('ghi-chu')
    local co_cach = sau and sau.t == 'RawBlock' and sau.text:match('SauBang')
    if k.t == 'Table' and sau and not co_ghi_chu and not co_cach then ra:insert(chung.cach()) end
  end
  return ra
end

--- Văn bản không có khối tiêu đề thì lấy tiêu đề từ siêu dữ liệu, đặt sau thể thức.
local function them_tieu_de(doc)
  local co, vi_tri = false, 1
  doc:walk({ Div = function(d) if d.classes:includes('tieu-de') then co = true end end })
  if co or not doc.meta.title then return doc end
  for i, khoi in ipairs(doc.blocks) do
    local la = false
    pandoc.Blocks({ khoi }):walk({ Div = function(d) la = la or d.classes:includes('the-thuc') end })
    if la then
      vi_tri = i + 1
      break
    end
  end
  doc.blocks:insert(vi_tri, pandoc.Div({ pandoc.Para(pandoc.Inlines(doc.meta.title)) }, pandoc.Attr('', { 'tieu-de' })))
  return doc
end

return {
  {
    Pandoc = function(doc)
      tu = chung.tu_ngu(doc.meta)
      doc = them_tieu_de(doc)
      if chung.docx then doc = doc:walk({ Blocks = cach_sau_bang }) end
      doc = doc:walk({ traverse = 'topdown', Div = mot_khung })
      -- Trong DOCX, pandoc in lại tiêu đề từ siêu dữ liệu; khối tiêu đề đã có nên bỏ.
      if chung.docx then doc.meta.title, doc.meta.subtitle, doc.meta.author, doc.meta.date = nil, nil, nil, nil end
      return doc
    end,
  },
}
