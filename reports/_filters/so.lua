-- Số truy vết và dấu tình trạng số liệu: [84,8]{.so so="id"} (hoặc truy-vet="id") giữ mã truy vết trong HTML,
-- là chữ thường ở nơi khác; [tự báo cáo]{.dau} thành dấu nhỏ nâng cao; <br> thành xuống dòng.
local chung = dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), 'chung.lua' }))

local function so(span)
  if not chung.html then return span.content end
  local ma = span.attributes['so'] or span.attributes['truy-vet']
  span.attributes['so'], span.attributes['truy-vet'] = nil, nil
  if ma then span.attributes['data-so'] = ma end
  return span
end

local function dau(span)
  if chung.html then return span end
  if chung.typst then
    span.content:insert(1, pandoc.RawInline('typst', '#dau['))
    span.content:insert(pandoc.RawInline('typst', '];'))
    return span.content
  end
  if chung.docx then
    span.attributes['custom-style'] = 'Dau'
    return span
  end
end

--- Số, ký hiệu văn bản và ngày tháng không ngắt dòng: 57-NQ/TW, 30/2020/NĐ-CP, 05/4/2026.
local function lien(str)
  if chung.docx or not (str.text:match('%d[%-/][%u\xC3\xC4]') or str.text:match('%d/%d')) then return nil end
  if chung.html then return pandoc.Span({ str }, pandoc.Attr('', { 'lien' })) end
  return { pandoc.RawInline('typst', '#box['), str, pandoc.RawInline('typst', '];') }
end

return {
  {
    traverse = 'topdown',
    Str = function(str)
      -- Dấu nối không bề rộng (U+2060): bản Word cũ in thành ô vuông.
      if chung.docx then return pandoc.Str((str.text:gsub('\u{2060}', ''))), false end
      local moi = lien(str)
      if moi then return moi, false end
    end,
    Span = function(span)
      if span.classes:includes('so') then return so(span) end
      if span.classes:includes('dau') then return dau(span) end
      -- Hằng số của phương pháp, không phải số liệu: chỉ phép kiểm truy vết đọc lý do.
      if span.classes:includes('hang-so') then return span.content end
    end,
    RawInline = function(raw)
      if raw.format == 'html' and raw.text:match('^<br%s*/?>$') then return pandoc.LineBreak() end
    end,
    -- Liên kết trong tên hay ghi chú chỉ được dẫn tới trang web, thư điện tử hoặc một chỗ trong trang.
    Link = function(link)
      local giao_thuc = link.target:match('^%s*(%a[%w+.-]*):')
      if giao_thuc and not ({ http = true, https = true, mailto = true })[giao_thuc:lower()] then return link.content end
    end,
    -- Khối HTML thô (biểu đồ sống) chỉ có nghĩa trong HTML.
    RawBlock = function(raw)
      if raw.format == 'html' and not chung.html then return {} end
    end,
  },
}
