-- Chú thích "Hình n.", "Bảng n." và tham chiếu @fig-…, @tbl-… Làm ở đây cho cả hai bộ dựng: Quarto bọc hình, bảng của
-- DOCX trong bảng một ô và không đặt trường SEQ (ket-qua.lua đã đưa nút của Quarto về hình, bảng thường).
local chung = dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), 'chung.lua' }))

local tu = chung.tu_ngu(nil)
local NGAN = '.'
local dem = { fig = 0, tbl = 0 }
local dich = {}

local function ten_dau_trang(id) return '_tc_' .. id:gsub('[^%w]', '_') end

--- DOCX: "Hình " và trường SEQ, trong một dấu trang để trường REF gọi lại.
local function nhan_docx(loai, so, id)
  local tieu_de = chung.xml(tu('crossref-' .. loai .. '-title'))
  local ma = (loai == 'fig' and 4000 or 6000) + so
  local dau, cuoi = '', ''
  if id ~= '' then
    dau = '<w:bookmarkStart w:id="' .. ma .. '" w:name="' .. ten_dau_trang(id) .. '"/>'
    cuoi = '<w:bookmarkEnd w:id="' .. ma .. '"/>'
  end
  return pandoc.RawInline('openxml', dau
    .. '<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">' .. tieu_de .. '\u{a0}</w:t></w:r>'
    .. '<w:r><w:rPr><w:b/></w:rPr><w:fldChar w:fldCharType="begin"/></w:r>'
    .. '<w:r><w:rPr><w:b/></w:rPr><w:instrText xml:space="preserve"> SEQ ' .. tieu_de .. ' \\* ARABIC </w:instrText></w:r>'
    .. '<w:r><w:rPr><w:b/></w:rPr><w:fldChar w:fldCharType="separate"/></w:r>'
    .. '<w:r><w:rPr><w:b/></w:rPr><w:t>' .. so .. '</w:t></w:r>'
    .. '<w:r><w:rPr><w:b/></w:rPr><w:fldChar w:fldCharType="end"/></w:r>' .. cuoi
    .. '<w:r><w:rPr><w:b/></w:rPr><w:t>' .. chung.xml(NGAN) .. '</w:t></w:r>')
end

local function nhan(loai, id)
  dem[loai] = dem[loai] + 1
  local so = dem[loai]
  if id ~= '' then
    if dich[id] then chung.tu_choi('Nhãn #' .. id .. ' dùng hai lần; mỗi hình, bảng một nhãn riêng.') end
    dich[id] = { loai = loai, so = so }
  end
  if chung.docx then return nhan_docx(loai, so, id) end
  local chu = tu('crossref-' .. loai .. '-title') .. '\u{a0}' .. so .. NGAN
  return pandoc.Strong({ pandoc.Str(chu) })
end

local function loi_chu_thich(khoi)
  if khoi and #khoi > 0 then return pandoc.utils.blocks_to_inlines(khoi) end
  return pandoc.Inlines({})
end

local function ghep(loai, id, khoi)
  local chu = loi_chu_thich(khoi)
  chu:insert(1, pandoc.Space())
  chu:insert(1, nhan(loai, id))
  return chu
end

local function hinh(fig)
  local loai = fig.identifier:match('^fig%-') and 'fig'
  if not loai then return nil end
  local chu = ghep('fig', fig.identifier, fig.caption.long)
  local anh
  fig:walk({ Image = function(i) anh = anh or i end })
  if not anh then chung.tu_choi('Hình #' .. fig.identifier .. ': không có tệp hình; cần dạng ![chú thích](figures/tên.svg){#fig-…}.') end
  local alt = pandoc.utils.stringify(anh.caption)
  if alt:match('^%s*$') then chung.tu_choi('Hình #' .. fig.identifier .. ': thiếu chữ thay hình; hãy ghi fig-alt="…".') end
  if chung.typst then
    return {
      pandoc.RawBlock('typst', '#hinh(' .. (fig.attributes.yen and 'yen: true, ' or '') .. chung.chuoi_typst(anh.src) .. ', ten: ' .. chung.chuoi_typst(fig.identifier) .. ', alt: ' .. chung.chuoi_typst(alt) .. ', chu-thich: ['),
      pandoc.Plain(chu),
      pandoc.RawBlock('typst', ']) <' .. fig.identifier .. '>'),
    }
  end
  if chung.html then
    -- Viết thẳng: Quarto dựng lại hình theo cách của mình và làm mất chữ thay hình.
    return {
      pandoc.RawBlock('html', '<figure class="hinh" id="' .. fig.identifier .. '"><img src="' .. chung.xml(anh.src) .. '" alt="'
        .. chung.xml(alt) .. '"><figcaption>'),
      pandoc.Plain(chu),
      pandoc.RawBlock('html', '</figcaption></figure>'),
    }
  end
  fig.caption.long = pandoc.Blocks({ pandoc.Plain(chu) })
  return fig
end

--- Bản in: ghi chú nguồn đứng ngay dưới một bảng thuộc về bảng ấy, cùng trôi, cùng trang.
local ghi_chu = {} -- nhãn của bảng → khối ghi chú
local function ke_tiep(cac_khoi, i) -- khối sau một bảng, không kể ghi chú của bảng và khung .bang-rong
  repeat i = i + 1 until not cac_khoi[i] or not (cac_khoi[i].t == 'RawBlock' or cac_khoi[i].t == 'Div' and cac_khoi[i].classes:includes('ghi-chu'))
  return cac_khoi[i]
end
local function cuoi_phan(cac_khoi, i)
  local sau = ke_tiep(cac_khoi, i)
  return (cac_khoi[i].t == 'Figure' or cac_khoi[i].t == 'Table') and (not sau or sau.t == 'Header' and sau.level == 1)
end
local function gan_ghi_chu(cac_khoi)
  if not chung.typst then return nil end
  local ra = pandoc.Blocks({})
  for i, khoi in ipairs(cac_khoi) do
    local truoc = cac_khoi[i - 1]
    if truoc and truoc.t == 'RawBlock' then truoc = cac_khoi[i - 2] end -- khung .bang-rong đóng ở giữa
    -- Ngay sau đề mục thì đứng tại chỗ: đề mục không đứng một mình.
    if truoc and truoc.t == 'Header' and khoi.t == 'Figure' then khoi.attributes.yen = 'true' end
    if truoc and truoc.t == 'Header' and khoi.t == 'Table' then khoi.attributes.gon = nil end
    -- Bảng dài đứng tại chỗ: bảng ngắn ngay trước nó mà trôi thì đứng sau nó.
    local sau = khoi.t == 'Table' and ke_tiep(cac_khoi, i)
    if sau and sau.t == 'Table' and not sau.attributes.gon then khoi.attributes.gon = nil end
    -- Hình, bảng cuối cùng của một phần đứng tại chỗ: không còn chữ của phần để lấp chỗ trống, và không lạc sang phần sau.
    if cuoi_phan(cac_khoi, i) then khoi.attributes.yen = 'true' end
    local ma = khoi.t == 'Div' and khoi.classes:includes('ghi-chu') and truoc and truoc.t == 'Table' and truoc.identifier
    if ma and ma:match('^tbl%-') then ghi_chu[ma] = khoi else ra:insert(khoi) end
  end
  return ra
end

local function bang(tb)
  local id = tb.identifier
  if not id:match('^tbl%-') then return nil end
  local chu = ghep('tbl', id, tb.caption.long)
  if chung.html then
    tb.caption.long = pandoc.Blocks({})
    tb.identifier = ''
    local ten = id .. '-ten'
    tb.attributes['aria-labelledby'] = ten
    return {
      pandoc.RawBlock('html', '<figure class="hop-bang" id="' .. id .. '"><figcaption id="' .. ten .. '">'),
      pandoc.Plain(chu),
      pandoc.RawBlock('html', '</figcaption><div class="cuon" role="region" tabindex="0" aria-labelledby="' .. ten .. '">'),
      tb,
      pandoc.RawBlock('html', '</div></figure>'),
    }
  end
  if chung.typst then
    tb.caption.long, tb.identifier = pandoc.Blocks({}), ''
    tb.classes:insert('typst:no-figure')
    local gon = (tb.attributes.gon and 'gon: true, ' or '') .. (tb.attributes.yen and 'yen: true, ' or '')
    tb.attributes.gon, tb.attributes.yen = nil, nil
    local ra = pandoc.Blocks({ pandoc.RawBlock('typst', '#bang(' .. gon .. 'ten: ' .. chung.chuoi_typst(id) .. ', ['), pandoc.Plain(chu), pandoc.RawBlock('typst', '])['), tb })
    if ghi_chu[id] then ra:extend({ pandoc.RawBlock('typst', ']['), ghi_chu[id] }) end
    ra:insert(pandoc.RawBlock('typst', '] <' .. id .. '>'))
    return ra
  end
  tb.caption.long = pandoc.Blocks({ pandoc.Plain(chu) })
  return tb
end

--- Bảng không có nhãn trên trang HTML vẫn cần khung cuộn.
local function bang_tron(tb)
  if chung.html and not tb.identifier:match('^tbl%-') then
    return {
      pandoc.RawBlock('html', '<div class="cuon" role="region" tabindex="0" aria-label="' .. chung.xml(tu('crossref-tbl-title')) .. '">'),
      tb,
      pandoc.RawBlock('html', '</div>'),
    }
  end
end

local function mot(c)
  local d = dich[c.id]
  if not d then
    chung.tu_choi('Tham chiếu @' .. c.id .. ': không có hình hoặc bảng mang nhãn {#' .. c.id .. '}; hãy thêm nhãn hoặc sửa tham chiếu.')
  end
  local chu = tu('crossref-' .. d.loai .. '-prefix') .. '\u{a0}' .. d.so
  if chung.docx then
    return pandoc.RawInline('openxml',
      '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> REF '
      .. ten_dau_trang(c.id) .. ' \\h </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
      .. '<w:r><w:t>' .. chung.xml(chu) .. '</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>')
  end
  return pandoc.Link({ pandoc.Str(chu) }, '#' .. c.id)
end

local function tham_chieu(cite)
  local ra = pandoc.Inlines({})
  for i, c in ipairs(cite.citations) do
    if not (c.id:match('^fig%-') or c.id:match('^tbl%-')) then return cite.content end
    if i > 1 then ra:extend({ pandoc.Str(';'), pandoc.Space() }) end
    ra:insert(mot(c))
  end
  return ra
end

--- Bản in: hình nhỏ trong dòng viết thẳng, vì pandoc bỏ chữ thay hình khi viết Typst.
local function hinh_nho(anh)
  if not chung.typst then return nil end
  return chung.raw_trong_dong('#box(image(' .. chung.chuoi_typst(anh.src) .. ', alt: '
    .. chung.chuoi_typst(pandoc.utils.stringify(anh.caption)) .. ', width: ' .. anh.attributes.width .. '))')
end

-- Đi từ trên xuống, không vào trong khối vừa thay: mỗi hình, bảng một số.
local function xong(moi)
  if moi then return moi, false end
end

return {
  {
    Meta = function(meta) tu = chung.tu_ngu(meta) end,
  },
  { Blocks = gan_ghi_chu },
  {
    traverse = 'topdown',
    Figure = function(f) return xong(hinh(f)) end,
    Table = function(t) return xong(bang(t) or bang_tron(t)) end,
  },
  { Cite = tham_chieu, Image = hinh_nho },
}
